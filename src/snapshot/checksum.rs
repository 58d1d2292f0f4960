//! Checksums of `bbolt` and `etcdctl`.

/// FNV-1a with 64 bits, which guards a meta page.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// CRC-32C (Castagnoli), which `etcdctl snapshot status` shows as the hash of all keys and values.
#[derive(Debug)]
pub(super) struct Crc32c(u32);

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "below 256, and at compile time")]
        {
            table[byte] = crc;
        }
        byte += 1;
    }
    table
}

impl Crc32c {
    pub(super) fn new() -> Self {
        Self(u32::MAX)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let place = self.0.to_le_bytes()[0] ^ byte;
            self.0 = TABLE.get(usize::from(place)).copied().unwrap_or_default() ^ (self.0 >> 8);
        }
    }

    pub(super) fn value(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_the_values_that_their_authors_publish() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        // RFC 3720, appendix B.4: 32 bytes of zeroes, and of ones; and the check value of the polynomial.
        for (bytes, crc) in
            [(vec![0; 32], 0x8a91_36aa), (vec![0xff; 32], 0x62a8_ab43), (b"123456789".to_vec(), 0xe306_9283)]
        {
            let mut hash = Crc32c::new();
            hash.update(&bytes);
            assert_eq!(hash.value(), crc);
        }
    }
}

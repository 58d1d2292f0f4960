//! Record that etcd stores under a revision: `mvccpb.KeyValue`, in protobuf. Only the counted fields are read.

/// Protobuf's wire types (protobuf.dev, "Encoding").
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;
/// Fields of `mvccpb.KeyValue` (etcd, api/mvccpb/kv.proto).
const KEY: u64 = 1;
const VALUE: u64 = 5;

/// Returns the key of a stored record, and the length of its value. `None` if it is no such record.
pub(super) fn key_and_size(mut rest: &[u8]) -> Option<(&[u8], usize)> {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    while !rest.is_empty() {
        let tag;
        (tag, rest) = varint(rest)?;
        match tag & 7 {
            VARINT => (_, rest) = varint(rest)?,
            FIXED64 => rest = rest.get(8..)?,
            FIXED32 => rest = rest.get(4..)?,
            BYTES => {
                let (length, behind) = varint(rest)?;
                let bytes;
                (bytes, rest) = behind.split_at_checked(usize::try_from(length).ok()?)?;
                match tag >> 3 {
                    KEY => key = bytes,
                    VALUE => value = bytes,
                    _ => {}
                }
            }
            _ => return None,
        }
    }
    (!key.is_empty()).then_some((key, value.len()))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let part = u64::from(byte & 0x7f);
        value |= part.checked_shl(u32::try_from(7 * place).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use prost::Message;

    /// etcd's `mvccpb.KeyValue` (api/mvccpb/kv.proto).
    #[derive(Clone, PartialEq, Message)]
    struct KeyValue {
        #[prost(bytes, tag = "1")]
        key: Vec<u8>,
        #[prost(int64, tag = "2")]
        create_revision: i64,
        #[prost(int64, tag = "3")]
        mod_revision: i64,
        #[prost(int64, tag = "4")]
        version: i64,
        #[prost(bytes, tag = "5")]
        value: Vec<u8>,
        #[prost(int64, tag = "6")]
        lease: i64,
    }

    proptest! {
        #[test]
        fn a_record_is_read_as_prost_writes_it(
            key in prop::collection::vec(any::<u8>(), 1..300),
            value in prop::collection::vec(any::<u8>(), 0..300),
            numbers in any::<[i64; 4]>(),
        ) {
            let [create_revision, mod_revision, version, lease] = numbers;
            let size = value.len();
            let record = KeyValue { key: key.clone(), create_revision, mod_revision, version, value, lease };
            let encoded = record.encode_to_vec();
            prop_assert_eq!(key_and_size(&encoded), Some((&*key, size)));
        }

        #[test]
        fn whatever_it_is_it_ends(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Some((key, size)) = key_and_size(&bytes) {
                prop_assert!(key.len() + size <= bytes.len());
            }
        }
    }
}

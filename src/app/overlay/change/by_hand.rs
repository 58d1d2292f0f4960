//! Proof that a person sits at the keyboard.
use tui_input::Input;

/// Evidence that the text which agrees was typed key by key, with the digits that prove a person if it was not.
///
/// A paste that no terminal marks comes as keys, and a slow line brings its Enter whenever it likes: no pause tells the one
/// from a press. But no paste holds digits that are drawn after it has come.
#[derive(Debug, Default)]
pub struct ByHand {
    /// Some of the text came in one piece, or an Enter did.
    in_one_piece: bool,
    /// Digits that have to be typed as well, once somebody has pressed Enter.
    digits: Option<String>,
    pub typed: Input,
}

/// Digits that nobody can know before they are drawn. Their start comes from outside, because the deck's model knows
/// nothing but its messages.
#[derive(Debug, Default)]
pub struct Digits(u64);

impl ByHand {
    /// Notes that some of the text was not typed.
    pub(super) fn doubt(&mut self) {
        self.in_one_piece = true;
    }

    /// Forgets the text.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Digits that have to be typed as well; none if every key of the text was pressed.
    #[must_use]
    pub fn asked(&self) -> Option<&str> {
        self.digits.as_deref()
    }

    #[must_use]
    pub fn is_right(&self) -> bool {
        self.asked().is_some_and(|asked| asked == self.typed.value().trim())
    }

    /// Note about the digits that are missing before Enter agrees.
    pub(super) fn missing(&mut self, digits: &mut Digits) -> Option<String> {
        if !self.in_one_piece || self.is_right() {
            return None;
        }
        let typed = !self.typed.value().is_empty();
        let digits = self.digits.get_or_insert_with(|| digits.draw());
        Some(if typed {
            format!("these digits are others: type {digits}, then Enter")
        } else {
            format!("keys came in one piece, as a paste does: type {digits} as well, then Enter")
        })
    }
}

impl Digits {
    /// Source of the digits that follow from this seed.
    #[must_use]
    pub fn from(seed: u64) -> Self {
        Self(seed)
    }

    /// Three digits, the first no zero (Steele et al., splitmix64).
    fn draw(&mut self) -> String {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (100 + mixed % 900).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn digits_are_three_and_others_each_time() {
        let mut digits = Digits::from(7);
        let drawn: BTreeSet<String> = (0..100).map(|_| digits.draw()).collect();
        assert!(drawn.len() > 80 && drawn.iter().all(|digits| digits.len() == 3), "{drawn:?}");
        assert_ne!(Digits::from(1).draw(), Digits::from(2).draw());
    }

    #[test]
    fn what_was_typed_key_by_key_is_asked_for_nothing_more() {
        let mut by_hand = ByHand::default();
        assert_eq!(by_hand.missing(&mut Digits::default()), None);
        assert_eq!(by_hand.asked(), None);
    }

    #[test]
    fn digits_are_asked_for_until_they_are_right() {
        let (mut by_hand, mut digits) = (ByHand::default(), Digits::default());
        by_hand.doubt();
        assert_eq!(by_hand.asked(), None, "nothing is drawn before Enter");
        assert!(by_hand.missing(&mut digits).unwrap().contains("as a paste does"));
        let asked = by_hand.asked().unwrap().to_owned();
        by_hand.typed = Input::new("12".to_owned());
        assert!(by_hand.missing(&mut digits).unwrap().contains(&asked), "they stay the same");
        by_hand.typed = Input::new(asked);
        assert_eq!(by_hand.missing(&mut digits), None);
    }
}

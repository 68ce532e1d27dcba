//! What somebody may do: a set of numbers, written as a text of `0` and `1`. Which number opens
//! what, the server knows.

use std::fmt::{self, Write as _};

/// A set of numbers of scopes.
///
/// ```
/// use tierwise_runner::Scopes;
///
/// let scopes = Scopes::of([3, 1]);
/// assert_eq!(scopes.to_string(), "0101");
/// assert_eq!(Scopes::parse("0101"), Some(scopes));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u128);

impl Scopes {
    /// The first number that no scope can have.
    pub const END: u8 = 128;

    /// These numbers; those from [`END`](Self::END) on are nobody's, and left out.
    pub fn of(numbers: impl IntoIterator<Item = u8>) -> Self {
        Scopes(numbers.into_iter().fold(0, |all, number| all | bit(number)))
    }

    /// Reads a text in which the character at a number's place is `1` if the number is in the set.
    /// Places beyond the end count as `0`, and numbers from [`END`](Self::END) on are left out;
    /// none if there is any other character.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = 0;
        for (place, character) in text.bytes().enumerate() {
            match character {
                b'0' => {}
                b'1' => all |= u8::try_from(place).map_or(0, bit),
                _ => return None,
            }
        }
        Some(Scopes(all))
    }

    /// Whether a number is in it.
    pub fn contains(self, number: u8) -> bool {
        self.0 & bit(number) != 0
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Scopes(self.0 & other.0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The numbers, rising.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..Self::END).filter(move |number| self.contains(*number))
    }
}

/// What stands for a number; nothing from [`Scopes::END`] on.
fn bit(number: u8) -> u128 {
    1_u128.checked_shl(number.into()).unwrap_or(0)
}

impl fmt::Display for Scopes {
    /// Up to the highest number, without zeros behind it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.numbers().last() else { return Ok(()) };
        (0..=last)
            .try_for_each(|number| f.write_char(if self.contains(number) { '1' } else { '0' }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_up_to_its_highest_number() {
        // The example of the contract: number 31 alone.
        let account_read = format!("{}1", "0".repeat(31));
        assert_eq!(Scopes::of([31]).to_string(), account_read);
        assert_eq!(Scopes::of([]).to_string(), "");
        assert_eq!(Scopes::of([0]).to_string(), "1");
        assert_eq!(Scopes::of([0, 2, 5]).to_string(), "101001");
        assert_eq!(Scopes::of([127]).to_string().len(), 128);
        assert_eq!(Scopes::of([128, 255]), Scopes::default());
    }

    #[test]
    fn each_set_is_read_as_it_was_written() {
        for numbers in [vec![], vec![0], vec![23, 30, 31], vec![93], vec![127], vec![63, 64, 65]] {
            let scopes = Scopes::of(numbers.clone());
            assert_eq!(Scopes::parse(&scopes.to_string()), Some(scopes));
            assert_eq!(scopes.numbers().collect::<Vec<_>>(), numbers);
        }
    }

    #[test]
    fn what_is_beyond_the_end_is_zero_and_other_characters_are_refused() {
        let scopes = Scopes::parse("01").unwrap();
        assert!(scopes.contains(1) && !scopes.contains(0) && !scopes.contains(2));
        assert!(!scopes.contains(127) && !scopes.contains(200));
        assert_eq!(Scopes::parse("0100"), Some(scopes));
        assert_eq!(Scopes::parse(""), Some(Scopes::default()));
        let long = format!("1{}1", "0".repeat(300));
        assert_eq!(Scopes::parse(&long), Some(Scopes::of([0])));
        for other in ["2", "01 ", " 1", "0x1", "1\n", "true", "0,1", "１", "-1", "1\0"] {
            assert_eq!(Scopes::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn sets_are_narrowed_to_what_is_in_both() {
        let both = Scopes::of([1, 2, 3]).and(Scopes::of([2, 3, 4]));
        assert_eq!(both, Scopes::of([2, 3]));
        assert!(Scopes::of([1]).and(Scopes::of([2])).is_empty());
    }
}

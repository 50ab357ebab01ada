use std::borrow::Cow;

/// How a header's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8; numbers as decimal digits.
    Text,
    /// A big-endian integer of exactly four bytes.
    Int32,
    /// A big-endian integer of exactly eight bytes.
    Int64,
    /// One byte, or a big-endian integer of four.
    ByteOrInt32,
    /// The bytes of Java's `BigInteger`: big-endian, of any length.
    BigInteger,
}

impl Encoding {
    /// The number that a value says; none where it says none.
    pub(super) fn number(self, value: &[u8]) -> Option<i64> {
        match (self, value.len()) {
            (Self::Text, _) => std::str::from_utf8(value).ok()?.trim().parse().ok(),
            (Self::Int32, 4) | (Self::Int64, 8) | (Self::ByteOrInt32, 1 | 4) | (Self::BigInteger, 1..=8) => {
                Some(big_endian(value))
            }
            _ => None,
        }
    }

    /// What a value says, as a text.
    pub(super) fn text(self, value: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Text => text(value),
            _ => self.number(value).map_or_else(|| text(value), |number| number.to_string().into()),
        }
    }
}

/// As [`String::from_utf8_lossy`], which is slow where all is well.
fn text(value: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

/// A big-endian integer in two's complement of one to eight bytes.
fn big_endian(value: &[u8]) -> i64 {
    let negative = value.first().is_some_and(|first| first & 0x80 != 0);
    value.iter().fold(if negative { -1 } else { 0 }, |number, byte| (number << 8) | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_of_another_width_says_nothing() {
        assert_eq!(Encoding::Int32.number(&[0, 0, 0, 7]), Some(7));
        assert_eq!(Encoding::Int32.number(&[0, 7]), None);
        assert_eq!(Encoding::Int64.number(b"1234567"), None);
        assert_eq!(Encoding::Text.number(b"12"), Some(12));
        assert_eq!(Encoding::Text.number(b"\xff"), None);
        assert_eq!(Encoding::ByteOrInt32.number(&[3]), Some(3));
        assert_eq!(Encoding::BigInteger.number(&[]), None);
        assert_eq!(Encoding::BigInteger.number(&[0; 9]), None);
    }

    proptest! {
        #[test]
        fn integers_come_back(number: i64, short: i32) {
            prop_assert_eq!(Encoding::Int64.number(&number.to_be_bytes()), Some(number));
            prop_assert_eq!(Encoding::Int32.number(&short.to_be_bytes()), Some(short.into()));
            prop_assert_eq!(Encoding::ByteOrInt32.number(&short.to_be_bytes()), Some(short.into()));
            prop_assert_eq!(Encoding::Text.number(number.to_string().as_bytes()), Some(number));
            // The shortest form, as Java writes it.
            let bytes = number.to_be_bytes();
            let spare = |at: usize| bytes[at] == if number < 0 { 0xff } else { 0 }
                && (bytes[at + 1] & 0x80 != 0) == (number < 0);
            let from = (0..7).find(|at| !spare(*at)).unwrap_or(7);
            prop_assert_eq!(Encoding::BigInteger.number(&bytes[from..]), Some(number));
        }
    }
}

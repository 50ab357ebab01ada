//! Texts in addresses, where `%` and two digits stand for a byte.

/// Appends bytes as an address has them: letters, digits, `-._~` and the bytes of `plain` as themselves.
pub fn percent_encode(bytes: &[u8], plain: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || plain.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|half| char::from(DIGITS[usize::from(half)]));
            out.extend(['%', digits[0], digits[1]]);
        }
    }
}

/// The bytes that a part of an address means; `None` where two digits do not follow a `%`.
pub fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        let mut digit = || char::from(left.next()?).to_digit(16);
        bytes.push(if byte == b'%' { (digit()? * 16 + digit()?) as u8 } else { byte });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_reserved_takes_digits() {
        let encoded = |text: &str| {
            let mut out = String::new();
            percent_encode(text.as_bytes(), b"/", &mut out);
            out
        };
        assert_eq!(encoded("/a-b_c.d~e/ü 1?#%"), "/a-b_c.d~e/%C3%BC%201%3F%23%25");
        for wrong in ["%", "%a", "%zz", "%+5", "a%2", "%\u{fc}"] {
            assert_eq!(percent_decode(wrong), None, "{wrong}");
        }
        assert_eq!(percent_decode("%c3%BC"), Some("ü".as_bytes().to_vec()));
    }

    proptest! {
        #[test]
        fn decoding_is_the_way_back(bytes: Vec<u8>) {
            let mut out = String::new();
            percent_encode(&bytes, b"", &mut out);
            prop_assert_eq!(percent_decode(&out), Some(bytes));
        }
    }
}

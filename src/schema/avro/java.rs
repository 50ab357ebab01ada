//! What Java takes for a letter, a digit and a number.

use unicode_general_category::{GeneralCategory, get_general_category};

/// `Character.isLetter` of a `char`: above U+FFFF Java sees two halves, neither of them a letter.
pub(super) fn is_letter(c: char) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    let is_one_char = u32::from(c) <= 0xffff;
    is_one_char
        && matches!(
            get_general_category(c),
            UppercaseLetter | LowercaseLetter | TitlecaseLetter | ModifierLetter | OtherLetter
        )
}

/// `Character.isLetterOrDigit` of a `char`.
pub(super) fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    is_letter(c) || (u32::from(c) <= 0xffff && get_general_category(c) == GeneralCategory::DecimalNumber)
}

/// Whether `Double.valueOf` makes a number of a text.
pub(super) fn is_double(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, "NaN" | "Infinity") {
        return true;
    }
    let number = unsigned.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(unsigned);
    match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        // The letters of the suffix are digits here, so the suffix can only stand behind the exponent.
        Some(hexadecimal) => hexadecimal
            .split_once(['p', 'P'])
            .is_some_and(|(digits, exponent)| is_mantissa(digits, |b| b.is_ascii_hexdigit()) && is_exponent(exponent)),
        None => match number.split_once(['e', 'E']) {
            Some((digits, exponent)) => is_mantissa(digits, |b| b.is_ascii_digit()) && is_exponent(exponent),
            None => is_mantissa(number, |b| b.is_ascii_digit()),
        },
    }
}

/// Digits with at most one point and at least one digit.
fn is_mantissa(text: &str, is_digit: impl Fn(u8) -> bool) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    whole.len() + fraction.len() > 0 && whole.bytes().chain(fraction.bytes()).all(is_digit)
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_java() {
        let numbers = "1|1.5|NaN|+NaN|-Infinity| 1 |1f|1D|0x1p3|1e5|+1|1.|.5|\0 1|1e400|0x1.8P-2f|-0x.8p1|1e+5d";
        for number in numbers.split('|') {
            assert!(is_double(number), "{number:?}");
        }
        for text in "|nan|0x10|.|1_0|inf|1\u{a0}|1L|٣|1e|0x1|NaNf|1ff|0xp1|1e5.0|+-1|Infinityd|f|e5|0x1p".split('|') {
            assert!(!is_double(text), "{text:?}");
        }
    }

    #[test]
    fn letters_are_those_of_java() {
        assert!("éﬁ日ªʰ".chars().all(is_letter));
        assert!(!"²𝒜٣$Ⅷ_".chars().any(is_letter));
        assert!("٣a1".chars().all(is_letter_or_digit));
    }
}

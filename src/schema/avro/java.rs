//! What Java takes for a letter, a digit, a number and an order.

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

/// The order of a field, which Java reads in any case, as it writes it.
pub(super) fn order(word: &str) -> Option<&'static str> {
    match word.to_uppercase().as_str() {
        "ASCENDING" => Some("ascending"),
        "DESCENDING" => Some("descending"),
        "IGNORE" => Some("ignore"),
        _ => None,
    }
}

/// Whether `Double.valueOf` makes a number of a text.
pub(super) fn is_double(text: &str) -> bool {
    double(text).is_some()
}

/// What `Double.valueOf` makes of a text; nothing where it refuses it.
pub(super) fn double(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let size = match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        unsigned => finite(unsigned)?,
    };
    Some(if text.starts_with('-') { -size } else { size })
}

fn finite(text: &str) -> Option<f64> {
    let number = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        // The letters of the suffix are digits here, so the suffix can only stand behind the exponent.
        Some(hexadecimal) => {
            let (digits, exponent) = hexadecimal.split_once(['p', 'P'])?;
            let is_number = is_mantissa(digits, |b| b.is_ascii_hexdigit()) && is_exponent(exponent);
            is_number.then(|| of_hexadecimal(digits, exponent))
        }
        None => {
            let is_number = match number.split_once(['e', 'E']) {
                Some((digits, exponent)) => is_mantissa(digits, |b| b.is_ascii_digit()) && is_exponent(exponent),
                None => is_mantissa(number, |b| b.is_ascii_digit()),
            };
            // Rust reads all of these, and rounds like Java.
            number.parse().ok().filter(|_| is_number)
        }
    }
}

/// Hexadecimal digits times a power of two, rounded once: to the nearest double, to the even one between two.
fn of_hexadecimal(digits: &str, exponent: &str) -> f64 {
    let whole = digits.find('.').unwrap_or(digits.len());
    let far = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    let mut power: i64 = exponent.parse().unwrap_or(far).clamp(i64::MIN / 2, i64::MAX / 2);
    let mut mantissa: u64 = 0;
    for (index, digit) in digits.char_indices().filter(|(_, c)| *c != '.') {
        let digit = u64::from(digit.to_digit(16).unwrap_or_default());
        if mantissa < 1 << 58 {
            mantissa = mantissa * 16 + digit;
            power -= if index > whole { 4 } else { 0 };
        } else {
            // More than a double holds, so it only tells whether this is more than the middle between two.
            mantissa |= u64::from(digit > 0);
            power += if index < whole { 4 } else { 0 };
        }
    }
    if mantissa == 0 {
        return 0.0;
    }
    // The power of the last bit that a double of this size has.
    let last = (power + 11 - i64::from(mantissa.leading_zeros())).max(-1074);
    if last > 971 {
        return f64::INFINITY;
    }
    let kept = match last - power {
        left @ ..=0 => mantissa << -left,
        dropped @ 1..=63 => {
            let (kept, middle) = (mantissa >> dropped, 1_u64 << (dropped - 1));
            let rest = mantissa & (2 * middle - 1);
            kept + u64::from(rest > middle || (rest == middle && kept % 2 == 1))
        }
        _ => 0,
    };
    let unit = if last < -1022 { 1_u64 << (last + 1074) } else { ((last + 1023) as u64) << 52 };
    kept as f64 * f64::from_bits(unit)
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
    fn numbers_have_the_values_of_java() {
        for (text, value) in [
            ("0x1p3", 8.0),
            ("0x.8p0", 0.5),
            ("-0x1.8P-2f", -0.375),
            ("0x10000000000000.8p0", 4_503_599_627_370_496.0),
            ("0x10000000000001.8p0", 4_503_599_627_370_498.0),
            ("0x10000000000000.80000000000000001p0", 4_503_599_627_370_497.0),
            ("0x1000000000000000000000000p-96", 1.0),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1.fffffffffffff8p1023", f64::INFINITY),
            ("0x1p99999999999999999999", f64::INFINITY),
            ("0x1p-99999999999999999999", 0.0),
            ("0x0p99999999999999999999", 0.0),
            ("0x1p-1074", 5e-324),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x1p-1022", f64::MIN_POSITIVE),
            ("0x0.fffffffffffff8p-1022", f64::MIN_POSITIVE),
            ("1e99999999999999999999", f64::INFINITY),
            (" +.5D", 0.5),
        ] {
            assert_eq!(double(text), Some(value), "{text}");
        }
        assert!(double("-NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn letters_are_those_of_java() {
        assert!("éﬁ日ªʰ".chars().all(is_letter));
        assert!(!"²𝒜٣$Ⅷ_".chars().any(is_letter));
        assert!("٣a1".chars().all(is_letter_or_digit));
    }
}

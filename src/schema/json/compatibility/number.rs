//! JSON numbers as they are written. Doubles would make equal what is not.

use std::cmp::Ordering;

/// A number as `0.` and its digits, times a power of ten; without digits it is zero.
struct Decimal {
    negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    fn of(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        // A power that no integer holds is beyond every other.
        let beyond = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().unwrap_or(beyond).clamp(i64::MIN / 4, i64::MAX / 4);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let power = exponent + whole.len() as i64 - (all.len() - significant.len()) as i64;
        let digits = significant.trim_end_matches('0').to_owned();
        Decimal { negative: negative && !digits.is_empty(), digits, power }
    }

    /// The number as an integer times a power of ten, where the integer is not too long.
    fn scaled(&self) -> Option<(u64, i64)> {
        let integer = if self.digits.is_empty() { 0 } else { self.digits.parse().ok()? };
        Some((integer, self.power - self.digits.len() as i64))
    }
}

/// Which of two numbers is the larger one.
pub(in crate::schema::json) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Decimal::of(one), Decimal::of(other));
    let size = match (one.digits.is_empty(), other.digits.is_empty()) {
        (false, false) => one.power.cmp(&other.power).then_with(|| one.digits.cmp(&other.digits)),
        (one_is_zero, other_is_zero) => other_is_zero.cmp(&one_is_zero),
    };
    match (one.negative, other.negative) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (negative, _) if negative => Ordering::Less,
        _ => Ordering::Greater,
    }
}

/// Whether a number is a multiple of another. Of numbers with more than nineteen digits that is not found out.
pub(super) fn is_multiple(number: &str, of: &str) -> bool {
    let (Some((number, power)), Some((of, of_power))) = (Decimal::of(number).scaled(), Decimal::of(of).scaled()) else {
        return false;
    };
    if number == 0 || of == 0 {
        return number == 0;
    }
    let of = u128::from(of);
    let shift = power - of_power;
    if shift < 0 {
        let factor = u32::try_from(-shift).ok().and_then(|shift| 10_u128.checked_pow(shift));
        let divisor = factor.and_then(|factor| of.checked_mul(factor));
        return divisor.is_some_and(|divisor| u128::from(number) % divisor == 0);
    }
    // The remainder, without writing the power out.
    let (mut remainder, mut base, mut shift) = (u128::from(number) % of, 10 % of, shift);
    while shift > 0 {
        if shift % 2 == 1 {
            remainder = remainder * base % of;
        }
        base = base * base % of;
        shift /= 2;
    }
    remainder == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn order_is_exact() {
        for (one, other) in [
            ("-3", "-2.5"),
            ("-1", "0"),
            ("0", "1e-9"),
            ("9007199254740992", "9007199254740993"),
            ("0.1", "0.10000000000000000001"),
            ("99", "1e2"),
            ("1e400", "1e401"),
            ("5", "1e99999999999999999999"),
        ] {
            assert_eq!(compare(one, other), Ordering::Less, "{one} {other}");
            assert_eq!(compare(other, one), Ordering::Greater, "{one} {other}");
        }
        for (one, other) in [("1", "1.0"), ("0", "-0"), ("100", "1e2"), ("0.05", "5E-2"), ("0", "0e99")] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn multiples_of_fractions_and_of_powers() {
        for (number, of) in [("4", "2"), ("0.3", "0.1"), ("1e300", "8"), ("2", "0.5"), ("0", "7")] {
            assert!(is_multiple(number, of), "{number} {of}");
        }
        for (number, of) in [("2", "4"), ("0.1", "0.3"), ("1e300", "3"), ("0.5", "2"), ("1e-300", "1")] {
            assert!(!is_multiple(number, of), "{number} {of}");
        }
    }

    proptest! {
        #[test]
        fn as_integers_do(one in -9_999_i64..9_999, other in -9_999_i64..9_999, scale in 0_u32..6) {
            let spell = |number: i64| format!("{number}e-{scale}");
            prop_assert_eq!(compare(&spell(one), &spell(other)), one.cmp(&other));
            if other != 0 {
                prop_assert_eq!(is_multiple(&spell(one), &spell(other)), one % other == 0);
            }
        }
    }
}

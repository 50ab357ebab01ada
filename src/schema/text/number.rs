/// A JSON number in one spelling for each value: `1`, `1.0`, `10e-1` are the same. Exact: nothing is rounded.
pub fn decimal(digits: &str) -> String {
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let Ok(exponent) = exponent.parse::<i64>() else {
        // Nobody writes such a number; it is compared as it is spelled.
        return digits.to_lowercase();
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let trailing = all.len() - all.trim_end_matches('0').len();
    let exponent = exponent.saturating_sub(fraction.len() as i64).saturating_add(trailing as i64);
    match exponent {
        0 => format!("{sign}{significant}"),
        // Short integers stay readable: 100 and not 1e2.
        1..=18 if significant.len() + exponent as usize <= 19 => {
            format!("{sign}{significant}{}", "0".repeat(exponent as usize))
        }
        _ => format!("{sign}{significant}e{exponent}"),
    }
}

/// The same number as [`decimal`] makes of it, as people write it: `0.05` and not `5e-2`.
pub fn readable(digits: &str) -> String {
    let short = decimal(digits);
    let (mantissa, places) = match short.split_once("e-") {
        Some((mantissa, places)) if !mantissa.contains('.') => {
            (mantissa, places.parse::<usize>().unwrap_or(usize::MAX))
        }
        _ => return short,
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    match mantissa.len().checked_sub(places) {
        None | Some(0) if places <= 19 => format!("{sign}0.{mantissa:0>places$}"),
        Some(whole) if whole > 0 => format!("{sign}{}.{}", &mantissa[..whole], &mantissa[whole..]),
        _ => short,
    }
}

/// A number as a double, in its shortest spelling. What Java's Avro parser makes of a number with a point or an
/// exponent; beyond a double's range it is as written.
pub fn float(digits: &str) -> String {
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => format!("{value:?}"),
        _ => digits.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_spelling_for_each_value() {
        for (spellings, expected) in [
            (&["1", "1.0", "10e-1", "0.1E+1"][..], "1"),
            (&["0", "-0", "0.00", "0e9"], "0"),
            (&["-120", "-1.2e2", "-1200e-1"], "-120"),
            (&["0.05", "5e-2"], "5e-2"),
            (&["1e100", "10e99"], "1e100"),
        ] {
            for spelling in spellings {
                assert_eq!(decimal(spelling), expected, "{spelling}");
            }
        }
        assert_ne!(decimal("9007199254740993"), decimal("9007199254740992"));
    }

    #[test]
    fn as_people_write_it() {
        for (number, expected) in [
            ("5e-2", "0.05"),
            ("-125E-2", "-1.25"),
            ("0.50", "0.5"),
            ("-0.5", "-0.5"),
            ("1e2", "100"),
            ("1e100", "1e100"),
            ("1e-20", "1e-20"),
            ("1.5e-99999999999999999999", "1.5e-99999999999999999999"),
        ] {
            assert_eq!(readable(number), expected);
            assert_eq!(decimal(&readable(number)), decimal(number));
        }
    }

    proptest! {
        #[test]
        fn values_that_differ_are_kept_apart(
            a in -1_000_000_i64..1_000_000,
            b in -1_000_000_i64..1_000_000,
            scale in 0_u32..4,
        ) {
            let spell = |n: i64| format!("{n}e-{scale}");
            prop_assert_eq!(decimal(&spell(a)) == decimal(&spell(b)), a == b);
        }
    }
}

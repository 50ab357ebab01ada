//! Numbers as people read them.

/// A number with its thousands apart: `12,480`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// `1 record`, `12,480 records`.
pub fn counted(count: u64, one: &str) -> String {
    format!("{} {one}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// A size to one digit behind the point, in the largest unit that it fills: `1.2GiB`.
pub fn about_bytes(bytes: u64) -> String {
    const UNITS: [(&str, u32); 5] = [("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    match UNITS.iter().find(|(_, shift)| bytes >> shift > 0) {
        // In tenths, rounded; a u128 holds ten times any size.
        Some((unit, shift)) => {
            let tenths = (u128::from(bytes) * 10 + (1 << (shift - 1))) >> shift;
            format!("{}.{}{unit}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes}B"),
    }
}

/// How long something takes, to the unit that matters: `2h 5m`, `4m`, `50s`.
pub fn about_time(time: std::time::Duration) -> String {
    match time.as_secs() {
        // What is not over takes a moment at least.
        seconds @ 0..60 => format!("{}s", seconds.max(1)),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds => format!("{}h {}m", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(1_200, "record"), "1,200 records");
        let sizes = [0, 1_023, 1_024, 1_500_000_000, u64::MAX].map(about_bytes);
        assert_eq!(sizes, ["0B", "1023B", "1.0KiB", "1.4GiB", "16384.0PiB"]);
    }

    #[test]
    fn times_are_told_to_the_unit_that_matters() {
        let times = [0, 19, 60, 3_599, 7_500].map(|seconds| about_time(std::time::Duration::from_secs(seconds)));
        assert_eq!(times, ["1s", "19s", "1m", "59m", "2h 5m"]);
    }
}

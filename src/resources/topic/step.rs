//! Cutting a retention in steps: less is lost at once, and whoever misses it can still say so.

use crate::model::{Duration, counted};
use crate::plan::{FieldChange, FieldValue};

/// A cut that is made in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stepped {
    /// What the field will be after this run.
    pub value: FieldValue,
    /// What is left for the next runs.
    pub remains: String,
}

/// Why a cut has no steps: there is no end to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endless;

/// The part of a cut of `retention.ms` that one run makes; `None` where the whole is no more than a step.
pub fn stepped(field: &FieldChange, step: Duration) -> Result<Option<Stepped>, Endless> {
    if field.field != "config.retention.ms" || !super::loss::is_cut(field) {
        return Ok(None);
    }
    let number = |value: &Option<FieldValue>| value.as_ref().and_then(|value| value.value.parse::<i64>().ok());
    let before = number(&field.before).filter(|before| *before >= 0).ok_or(Endless)?;
    let after = number(&field.after).unwrap_or(0).max(0);
    let next = before.saturating_sub(step.0.max(1));
    if next <= after {
        return Ok(None);
    }
    let left = next - after;
    let runs = left.unsigned_abs().div_ceil(step.0.max(1).unsigned_abs());
    let remains = format!(
        "this run makes one step of {step}; {} remain until {}, which takes {}",
        Duration(left),
        Duration(after),
        counted(runs, "more run")
    );
    Ok(Some(Stepped { value: FieldValue::shown(next.to_string(), Duration(next).to_string()), remains }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400_000;

    fn field(key: &str, before: i64, after: i64) -> FieldChange {
        let value = |number: i64| Some(FieldValue::plain(number));
        FieldChange { field: key.into(), before: value(before), after: value(after), place: None }
    }

    fn retention(before: i64, after: i64) -> FieldChange {
        field("config.retention.ms", before, after)
    }

    #[test]
    fn a_cut_says_what_remains() {
        let stepped = stepped(&retention(30 * DAY, 7 * DAY), Duration(DAY)).expect("it has an end");
        let stepped = stepped.expect("it is more than a step");
        assert_eq!(stepped.value, FieldValue::shown("2505600000", "29d"));
        assert_eq!(stepped.remains, "this run makes one step of 1d; 22d remain until 7d, which takes 22 more runs");
    }

    #[test]
    fn what_is_no_cut_or_no_more_than_a_step_stays_whole() {
        let day = Duration(DAY);
        for whole in [
            retention(8 * DAY, 7 * DAY),
            retention(7 * DAY, 8 * DAY),
            retention(7 * DAY, -1),
            field("config.retention.bytes", 9, 1),
        ] {
            assert_eq!(stepped(&whole, day), Ok(None), "{whole:?}");
        }
    }

    #[test]
    fn what_has_no_end_has_no_steps() {
        assert_eq!(stepped(&retention(-1, DAY), Duration(DAY)), Err(Endless));
        let unknown = FieldChange { before: None, ..retention(0, DAY) };
        assert_eq!(stepped(&unknown, Duration(DAY)), Err(Endless));
    }

    proptest! {
        #[test]
        fn the_number_of_runs_is_the_one_that_was_said(before in 1..1_000_i64, cut in 1..1_000_i64, step in 1..200_i64) {
            let after = (before - cut).max(0);
            let mut now = before;
            let mut runs = 0;
            let mut said = None;
            while now > after {
                let this = stepped(&retention(now, after), Duration(step)).expect("it has an end");
                let next = this.as_ref().map_or(after, |part| part.value.value.parse().expect("a number"));
                prop_assert!(now - next <= step && next < now);
                said = said.or(Some(this.map_or(1, |part| {
                    let words: Vec<&str> = part.remains.split_whitespace().rev().collect();
                    words[2].replace(',', "").parse::<u64>().expect("a number") + 1
                })));
                now = next;
                runs += 1;
            }
            prop_assert_eq!(said, Some(runs));
        }
    }
}

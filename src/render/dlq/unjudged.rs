//! Records of which `--where` had no answer.

use crate::dlq::Unjudged;
use crate::model::counted;

/// A line for each kind, without a full stop.
pub(super) fn unjudged(of: &Unjudged) -> Vec<String> {
    let example = |what: &Option<String>| what.as_ref().map(|what| format!(", {what}")).unwrap_or_default();
    let mut lines = Vec::new();
    if of.undecoded > 0 {
        let count = counted(of.undecoded, "record");
        lines.push(format!("{count} not matched by --where: not decoded{}", example(&of.first_undecoded)));
    }
    if of.failed > 0 {
        let count = counted(of.failed, "record");
        lines.push(format!("{count} not matched by --where: it says nothing of them{}", example(&of.first_failed)));
    }
    lines
}

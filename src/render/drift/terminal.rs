//! Drift for somebody in front of a terminal: what was changed outside Git last, next to the summary.

use super::{absent, meaning, summary, unmanaged};
use crate::plan::{Cause, Drift, Drifted, DriftedField, quoted};
use crate::render::findings::planned;
use crate::render::plan::{field_name, value};
use crate::render::words::counted;
use crate::render::{Style, paint::Paint, plain};

pub(super) fn render(drift: &Drift, style: Style) -> String {
    let paint = Paint::new(style);
    let mut out = String::new();
    for cause in [Cause::Pending, Cause::Unknown, Cause::Both, Cause::Outside] {
        let drifted: Vec<_> = drift.drifted.iter().filter(|drifted| drifted.cause == cause).collect();
        if drifted.is_empty() {
            continue;
        }
        let head = format!("{} {}", counted(drifted.len(), "resource"), meaning(cause));
        out.push_str(&if cause == Cause::Pending { paint.bold(&head) } else { paint.doubtful(&head) });
        out.push('\n');
        drifted.into_iter().for_each(|drifted| resource(&mut out, drifted, &paint));
        out.push('\n');
    }
    for finding in &drift.findings {
        out.push_str(&planned(finding, style));
        out.push('\n');
    }
    if let Some(line) = unmanaged(drift) {
        out.push_str(&format!("{}\n\n", paint.dim(&line)));
    }
    let line = plain::line(&summary(drift)).into_owned();
    out.push_str(&if drift.complete { paint.bold(&line) } else { paint.bad(&line) });
    out.push('\n');
    out
}

fn resource(out: &mut String, drifted: &Drifted, paint: &Paint) {
    let place = |place: &Option<crate::source::Place>| {
        place.as_ref().map(|place| format!("  {}", paint.dim(&plain::line(&place.to_string())))).unwrap_or_default()
    };
    let address = drifted.address.to_string();
    out.push_str(&format!("  {}{}\n", plain::line(&address), place(&drifted.place)));
    if let Some(absent) = absent(drifted) {
        out.push_str(&format!("    {absent}\n"));
        return;
    }
    for field in &drifted.fields {
        let line = plain::clipped(&sentence(field, drifted.cause), crate::render::plan::LONGEST_VALUE).into_owned();
        out.push_str(&format!("    {line}{}\n", place(&field.place)));
    }
}

/// What was applied, as the value is shown that it equals; of a schema that is neither, only a digest is remembered.
fn remembered(applied: &str, field: &DriftedField) -> String {
    let known = [&field.live, &field.declared].into_iter().flatten().find(|known| known.value == applied);
    match known {
        Some(known) => value(Some(known)),
        None if field.field == "schema" => "another schema".to_owned(),
        None => quoted(applied).into_owned(),
    }
}

/// `retention.ms: live 7d (604800000), applied 1209600000, declared 14d (1209600000)`.
pub(super) fn sentence(field: &DriftedField, of_resource: Cause) -> String {
    let applied = match (&field.applied, field.cause) {
        (Some(applied), _) => format!(", applied {}", remembered(applied, field)),
        (None, Cause::Unknown) => String::new(),
        (None, _) => ", applied not set".to_owned(),
    };
    let cause = if field.cause == of_resource { String::new() } else { format!(" ({})", meaning(field.cause)) };
    let (live, declared) = (value(field.live.as_ref()), value(field.declared.as_ref()));
    format!("{}: live {live}{applied}, declared {declared}{cause}", field_name(&field.field))
}

use std::collections::HashSet;

use super::*;
use crate::schema::parse_registered;

mod avro;
mod complete;
mod hostile;
mod json;
mod protobuf;

/// A difference as a list, each change with the directions that it breaks.
fn told(format: SchemaFormat, old: &str, new: &str) -> String {
    let parsed = [new, old].map(|text| parse_registered(format, text, &[]).expect("a schema"));
    let found = diff(Version { text: new, schema: &parsed[0] }, Version { text: old, schema: &parsed[1] });
    let found = found.expect("a difference");
    let caused = |list: &[Break]| list.iter().flat_map(|one| one.causes.clone()).collect::<HashSet<_>>();
    let (backward, forward) = (caused(&found.backward), caused(&found.forward));
    let mut out = String::new();
    for (at, change) in found.changes.iter().enumerate() {
        let breaks = |caused: &HashSet<usize>, word| if caused.contains(&at) { word } else { "" };
        let text = |spot: &Option<Spot>, text: &str| {
            spot.as_ref().map(|spot| text[spot.place.clone()].lines().next().unwrap_or_default().to_owned())
        };
        let places = [text(&change.old, old), text(&change.new, new)].into_iter().flatten().collect::<Vec<_>>();
        out.push_str(&format!(
            "{} {} | {} | {} | {}{}{}\n",
            change.mark(),
            change.path,
            change.words(),
            change.kind.as_str(),
            places.join(" -> "),
            breaks(&backward, " !BACKWARD"),
            breaks(&forward, " !FORWARD"),
        ));
    }
    for (list, word) in [(&found.backward, "BACKWARD"), (&found.forward, "FORWARD")] {
        for apart in list.iter().filter(|one| one.causes.is_empty()) {
            out.push_str(&format!("also {word}: {}\n", apart.incompatibility.message));
        }
    }
    out + found.verdict()
}

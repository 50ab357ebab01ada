use std::collections::HashSet;

use super::parse::JsonSchema;
use super::references::walk;
use crate::schema::look_alike::Name;
use crate::schema::text::Json;

/// Gives the names of the properties of each object that a schema itself describes, with those that it requires.
pub fn names<'s>(schema: &'s JsonSchema, look_at: &mut dyn FnMut(&[Name<'s>])) {
    walk(&schema.root, &mut |json| {
        let beside = of_object(json);
        if !beside.is_empty() {
            look_at(&beside);
        }
    });
}

fn of_object<'s>(json: &'s Json<'static>) -> Vec<Name<'s>> {
    let properties = json.get("properties").and_then(Json::as_object).unwrap_or_default();
    let mut names: Vec<Name<'s>> =
        properties.iter().map(|member| ((&*member.key).into(), Some(member.key_range.clone()))).collect();
    let known: HashSet<&str> = properties.iter().map(|member| &*member.key).collect();
    let required = json.get("required").and_then(Json::as_array).unwrap_or_default();
    let required = required.iter().filter_map(|name| Some((name.as_str()?, name.range.clone())));
    // One that is described is the same name.
    let others = required.filter(|(name, _)| !known.contains(name));
    names.extend(others.map(|(name, range)| (name.into(), Some(range))));
    names
}

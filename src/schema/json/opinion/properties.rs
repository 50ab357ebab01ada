use std::collections::{HashMap, HashSet, VecDeque};

use super::concern;
use super::judge::{Judge, Meeting, Step};
use crate::schema::error::quoted;
use crate::schema::text::{Json, Member, Value};

/// Properties at the same place among which another name for one is looked for.
const FEW: usize = 50;

impl<'s> Judge<'s> {
    /// The properties of an object, and whether others may be there.
    pub(super) fn properties(&mut self, meeting: Meeting<'s>) {
        let list = |json: &'s Json<'static>| json.get("properties").and_then(Json::as_object).unwrap_or_default();
        let (new, old) = (list(meeting.new.0), list(meeting.old.0));
        self.count(new.len() + old.len());
        let now: HashMap<&str, usize> = new.iter().enumerate().map(|(index, member)| (&*member.key, index)).collect();
        let before: HashSet<&str> = old.iter().map(|member| &*member.key).collect();
        self.required(meeting, &now, &before);
        self.required_with_default(meeting, (new, &now), old);
        self.opened(meeting);
        // Properties that came, by the one of both schemas that they stand behind.
        let mut came: HashMap<Option<usize>, VecDeque<usize>> = HashMap::new();
        let mut behind = None;
        for (index, member) in new.iter().enumerate() {
            match before.contains(&*member.key) {
                true => behind = Some(index),
                false => came.entry(behind).or_default().push_back(index),
            }
        }
        let mut behind = None;
        for member in old {
            let Some(index) = now.get(&*member.key) else {
                let at_place = came.entry(behind).or_default();
                let asks = |index: &usize| self.asks_the_same(&new[*index].value, &member.value);
                let same = at_place.iter().take(FEW).position(asks).and_then(|position| at_place.remove(position));
                self.gone(meeting, same.map(|index| &new[index]), member);
                continue;
            };
            behind = Some(*index);
            let property = &new[*index];
            let place = self.inside(meeting.place, &[Step::Name("properties"), Step::Name(&property.key)]);
            self.wait(Meeting {
                new: (&property.value, meeting.new.1),
                old: (&member.value, meeting.old.1),
                place,
                property: Some(&property.key),
            });
        }
    }

    fn gone(&mut self, meeting: Meeting<'s>, came: Option<&'s Member<'static>>, gone: &'s Member<'static>) {
        let name = quoted(&gone.key);
        let ranges = meeting.ranges_of(came.map(|came| &came.value), Some(&gone.value));
        let Some(came) = came else {
            self.tell(concern::PROPERTY_REMOVED, meeting.place, ranges, || {
                let message =
                    format!("{}property {name} is gone, and code that uses it finds nothing", meeting.subject());
                (message, "mark it `deprecated` first")
            });
            return;
        };
        let place = self.inside(meeting.place, &[Step::Name("properties"), Step::Name(&came.key)]);
        self.tell(concern::PROPERTY_RENAMED, place, ranges, || {
            let now = quoted(&came.key);
            let message = format!(
                "{}property {name} is gone and {now} that asks for the same stands in its place: if it was renamed, \
                 consumers find nothing in records that have {name}",
                meeting.subject()
            );
            (message, format!("keep {name} beside {now} until nobody reads it any more"))
        });
    }

    /// The registry looks only at names that are properties of both schemas or of the new one.
    fn required(&mut self, meeting: Meeting<'s>, now: &HashMap<&str, usize>, before: &HashSet<&str>) {
        let list = |json: &'s Json<'static>| json.get("required").and_then(Json::as_array).unwrap_or_default();
        let old: HashSet<&str> = list(meeting.old.0).iter().filter_map(Json::as_str).collect();
        for name in list(meeting.new.0) {
            let Some(word) = name.as_str().filter(|word| !old.contains(word) && !now.contains_key(word)) else {
                continue;
            };
            let ranges = meeting.ranges_of(Some(name), Some(meeting.old.0));
            self.tell(concern::REQUIRED_ADDED, meeting.place, ranges, || {
                let what = if before.contains(word) { "is no property any more" } else { "is no property" };
                let message = format!(
                    "{}{} is required now and {what}: the registry does not look at it, and records without it do not \
                     fit",
                    meeting.subject(),
                    quoted(word)
                );
                (message, "leave it optional".to_owned())
            });
        }
    }

    /// A default stands in for a value in the registry's eyes; validators ask for the value.
    fn required_with_default(
        &mut self,
        meeting: Meeting<'s>,
        (new, now): (&'s [Member<'static>], &HashMap<&str, usize>),
        old: &'s [Member<'static>],
    ) {
        let list = |json: &'s Json<'static>| json.get("required").and_then(Json::as_array).unwrap_or_default();
        let known: HashSet<&str> = list(meeting.old.0).iter().filter_map(Json::as_str).collect();
        let before: HashMap<&str, &'s Json<'static>> = old.iter().map(|member| (&*member.key, &member.value)).collect();
        for name in list(meeting.new.0) {
            let Some(word) = name.as_str().filter(|word| !known.contains(word)) else { continue };
            let Some(property) = now.get(word).map(|index| &new[*index]) else { continue };
            if property.value.get("default").is_none() {
                continue;
            }
            let old = before.get(word).copied().unwrap_or(meeting.old.0);
            let ranges = meeting.ranges_of(Some(&property.value), Some(old));
            let place = self.inside(meeting.place, &[Step::Name("properties"), Step::Name(&property.key)]);
            self.tell(concern::REQUIRED_WITH_DEFAULT_ADDED, place, ranges, || {
                let message = format!(
                    "{}{} is required now and has a default: the registry takes the default for it, validators refuse \
                     records without it",
                    meeting.subject(),
                    quoted(word)
                );
                (message, "leave it optional")
            });
        }
    }

    /// An object that allowed nothing unknown can grow; an open one cannot be closed again, nor grow.
    fn opened(&mut self, meeting: Meeting<'s>) {
        let (new, old) = (meeting.new.0, meeting.old.0);
        let is_closed =
            |json: &Json<'_>| matches!(json.get("additionalProperties"), Some(Json { value: Value::Bool(false), .. }));
        let is_open = |json: &Json<'_>| {
            json.get("patternProperties").is_none()
                && json.get("additionalProperties").is_none_or(|more| match &more.value {
                    Value::Bool(allowed) => *allowed,
                    Value::Object(members) => members.is_empty(),
                    _ => false,
                })
        };
        if !(is_closed(old) && new.as_object().is_some() && is_open(new)) {
            return;
        }
        let ranges = meeting.ranges_of(new.get("additionalProperties").or(Some(new)), old.get("additionalProperties"));
        self.tell(concern::MODEL_OPENED, meeting.place, ranges, || {
            let message = format!(
                "{}unknown properties are allowed now: from here on no property can be added compatibly, and a mistyped \
                 name passes",
                meeting.subject()
            );
            (message, "keep `additionalProperties: false`, and add properties when they come")
        });
    }
}

impl Meeting<'_> {
    /// The property, as the beginning of a sentence.
    pub(super) fn subject(&self) -> String {
        self.property.map_or_else(String::new, |name| format!("property {}: ", quoted(name)))
    }
}

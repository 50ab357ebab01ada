use prost_reflect::prost_types::field_options::JsType;
use prost_reflect::{Cardinality, EnumDescriptor, FieldDescriptor, Kind};

use super::Concern;
use super::judge::{Judge, Words};
use crate::schema::error::quoted;
use crate::schema::protobuf::compatibility::kinds::{self, Content, Group};
use crate::schema::protobuf::compatibility::path::Path;
use crate::schema::protobuf::describe;
use crate::schema::protobuf::places::part;

const TYPE: [i32; 2] = [part::TYPE, part::TYPE_NAME];

impl Judge<'_> {
    /// A field on both sides, known by its number.
    pub fn field(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &Path, unseen: bool) {
        if old.is_group() != new.is_group() {
            let places = self.parts(old, new, &TYPE);
            return self.tell(Concern::FieldGroupChanged, path.to_field(new), places, || {
                let (before, after) = (describe::type_of(old), describe::type_of(new));
                let group = if new.is_group() { "it is a group now" } else { "it was a group" };
                let message = format!(
                    "{} was {before} and is {after}; {group}, which is encoded otherwise",
                    describe::field_over_time(old, new)
                );
                Words::new(message, retype(old, new))
            });
        }
        // What the registry refuses is told once, by it, and nothing more of that field.
        let unseen = unseen || old.is_group();
        if self.types(old, new, (old, new), path, unseen) {
            self.name(old, new, path);
            self.label(old, new, path, unseen);
            self.default(old, new, path);
            self.js_type(old, new, path);
        }
    }

    fn name(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &Path) {
        if old.name() == new.name() && old.json_name() == new.json_name() {
            return;
        }
        let places = self.names(old, new);
        let moved = new.parent_message().get_field_by_name(old.name()).filter(|_| old.name() != new.name());
        if let Some(moved) = moved {
            return self.tell(Concern::FieldNumberChanged, path.to_field(new), places, || {
                let (number, name) = (new.number(), quoted(new.name()));
                let message = format!(
                    "{} has the number {} now, and {number} is {name}: what was written under {number} is read as {name}",
                    describe::field(old),
                    moved.number()
                );
                Words::new(message, format!("keep the number {number}"))
            });
        }
        if old.name() != new.name() && without_label(old) != without_label(new) {
            return self.tell(Concern::FieldNumberReused, path.to_field(new), places, || {
                let (before, after) = (describe::type_of(old), describe::type_of(new));
                let message = format!(
                    "{} was {before} and is {} with {after}: if that is another field, what was written before is misread",
                    describe::field(old),
                    quoted(new.name())
                );
                Words::new(message, format!("write `reserved {};` and take a new number", old.number()))
            });
        }
        if old.json_name() == new.json_name() {
            return self.tell(Concern::FieldRenamed, path.to_field(new), places, || {
                let message = format!(
                    "{} is {} now, and code that uses it does not compile",
                    describe::field(old),
                    quoted(new.name())
                );
                Words::new(message, format!("keep the name {}", quoted(old.name())))
            });
        }
        self.tell(Concern::FieldJsonNameChanged, path.to_field(new), places, || {
            let (before, after) = (quoted(old.json_name()), quoted(new.json_name()));
            let field = describe::field(new);
            let message = format!("{field} was {before} in JSON and is {after}: records with the other name lose it");
            Words::new(message, format!("write `[json_name = {}]`", before.replace('`', "\"")))
        });
    }

    /// The types of a field, or of the key or the value of a map. Whether the field is worth a look at the rest.
    fn types(
        &mut self,
        old: &FieldDescriptor,
        new: &FieldDescriptor,
        whole: (&FieldDescriptor, &FieldDescriptor),
        path: &Path,
        unseen: bool,
    ) -> bool {
        match (Content::of(old), Content::of(new)) {
            (Content::Scalar(before), Content::Scalar(after)) if before == after => {
                if old.kind() != new.kind() {
                    self.scalars(old, new, whole, path);
                }
                true
            }
            (Content::Map(old_key, old_value), Content::Map(new_key, new_value)) => {
                let keys = self.types(&old_key, &new_key, whole, path, unseen);
                self.types(&old_value, &new_value, whole, path, unseen) && keys
            }
            (Content::Message(before), Content::Message(after)) if old.is_group() => {
                self.message(&before, &after, &path.below(after.name()), true);
                true
            }
            (Content::Message(before), Content::Message(after)) if local(&before) == local(&after) => {
                self.message_elsewhere(before, after);
                true
            }
            _ => {
                if unseen {
                    let places = self.parts(whole.0, whole.1, &TYPE);
                    self.tell(Concern::FieldEncodingChanged, path.to_field(whole.1), places, || {
                        let (before, after) = (describe::type_of(whole.0), describe::type_of(whole.1));
                        let field = describe::field_over_time(whole.0, whole.1);
                        let message = format!("{field} was {before} and is {after}, which is encoded otherwise");
                        Words::new(message, retype(whole.0, whole.1))
                    });
                }
                false
            }
        }
    }

    /// Different types that read each other.
    fn scalars(
        &mut self,
        old: &FieldDescriptor,
        new: &FieldDescriptor,
        whole: (&FieldDescriptor, &FieldDescriptor),
        path: &Path,
    ) {
        let Some((concern, why)) = of_scalars(&old.kind(), &new.kind()) else { return };
        let places = self.parts(whole.0, whole.1, &TYPE);
        self.tell(concern, path.to_field(whole.1), places, || {
            let (before, after) = (describe::type_of(whole.0), describe::type_of(whole.1));
            let field = describe::field_over_time(whole.0, whole.1);
            Words::new(format!("{field} was {before} and is {after}: {why}"), retype(whole.0, whole.1))
        });
    }

    fn label(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &Path, unseen: bool) {
        let (before, after) = (old.cardinality(), new.cardinality());
        let is_told = !unseen
            && matches!(Content::of(new), Content::Scalar(group) if group != Group::Bytes)
            && matches!((kinds::written_label(old), kinds::written_label(new)), (Some(a), Some(b)) if a != b);
        if is_told || new.is_map() {
            return;
        }
        let is_many = |cardinality| cardinality == Cardinality::Repeated;
        let words = |what: &str, help: String| {
            let (before, after) = (describe::type_of(old), describe::type_of(new));
            Words::new(format!("{} was {before} and is {after}: {what}", describe::field_over_time(old, new)), help)
        };
        let places = self.parts(old, new, &[part::LABEL, part::NAME]);
        let path = path.to_field(new);
        if is_many(before) != is_many(after) {
            let what = match (is_many(after), Content::of(new)) {
                (_, Content::Scalar(group)) if group != Group::Bytes => {
                    "who reads a single value finds none where many are packed together"
                }
                (_, Content::Scalar(_)) => "who reads a single value keeps the last of many",
                _ => "who reads a single message merges many into one",
            };
            let help = format!("keep {}, or take a new number for the other", describe::type_of(old));
            self.tell(Concern::FieldCardinalityChanged, path, places, || words(what, help));
        } else if before != after {
            let what = "who requires it refuses records without";
            self.tell(Concern::FieldRequiredChanged, path, places, || {
                words(what, "a required field stays required for ever; a new one is better `optional`".into())
            });
        } else if old.supports_presence() != new.supports_presence()
            && kinds::oneof(old).is_none()
            && kinds::oneof(new).is_none()
        {
            let what = "only one of them tells unset from zero, and code has to change";
            self.tell(Concern::FieldPresenceChanged, path, places, || {
                words(what, format!("keep {}", describe::type_of(old)))
            });
        }
    }

    fn js_type(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &Path) {
        let (before, after) = (js_type(old), js_type(new));
        // Where the type is another one, so it is in each language.
        if before == after || old.kind() != new.kind() {
            return;
        }
        let places = self.parts(old, new, &[part::OPTIONS, part::NAME]);
        self.tell(Concern::FieldJsTypeChanged, path.to_field(new), places, || {
            let (before, after) = (before.as_str_name(), after.as_str_name());
            let message = format!(
                "{} had the `jstype` `{before}` and has `{after}`: code in JavaScript gets another type",
                describe::field_over_time(old, new)
            );
            Words::new(message, format!("keep `[jstype = {before}]`"))
        });
    }

    fn default(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &Path) {
        let written = |field: &FieldDescriptor| field.field_descriptor_proto().default_value.is_some();
        if !written(old) && !written(new) || new.is_list() || old.is_list() {
            return;
        }
        let (before, after) = (old.default_value().to_string(), new.default_value().to_string());
        if before != after {
            let places = self.parts(old, new, &[part::DEFAULT, part::NAME]);
            self.tell(Concern::FieldDefaultChanged, path.to_field(new), places, || {
                let (before, after) = (quoted(&before), quoted(&after));
                let message = format!(
                    "{} had the default {before} and has {after}: records without it are read otherwise",
                    describe::field_over_time(old, new)
                );
                Words::new(message, format!("keep the default {before}"))
            });
        }
    }
}

/// What to say of two different types that read each other; nothing of an enum of the same name.
pub(super) fn of_scalars(before: &Kind, after: &Kind) -> Option<(Concern, String)> {
    Some(match (before, after) {
        (Kind::Enum(of_old), Kind::Enum(of_new)) => {
            if describe::local(of_old.full_name(), of_old.package_name())
                == describe::local(of_new.full_name(), of_new.package_name())
            {
                return None;
            }
            match other_meaning(of_old, of_new) {
                Some(number) => (Concern::FieldEnumChanged, format!("{number} means something else in it")),
                None => (Concern::FieldTypeChanged, "code has to change".to_owned()),
            }
        }
        _ => match misread(before, after) {
            Some(why) => (Concern::FieldValuesMisread, why.to_owned()),
            None if json_form(before) != json_form(after) => {
                (Concern::FieldJsonTypeChanged, "JSON has another form for it".to_owned())
            }
            None => (Concern::FieldTypeChanged, "code has to change".to_owned()),
        },
    })
}

/// What a number is in JavaScript: `JS_STRING` and `JS_NUMBER` say it, and 0 leaves it to the compiler.
fn js_type(field: &FieldDescriptor) -> JsType {
    let options = field.field_descriptor_proto().options.as_ref();
    options.map_or(JsType::JsNormal, |options| options.jstype())
}

fn retype(old: &FieldDescriptor, new: &FieldDescriptor) -> String {
    format!("keep {}, or take a new number for {}", describe::type_of(old), describe::type_of(new))
}

fn without_label(field: &FieldDescriptor) -> String {
    if field.is_map() { describe::type_of(field) } else { describe::kind(&field.kind()) }
}

fn local(message: &prost_reflect::MessageDescriptor) -> &str {
    describe::local(message.full_name(), message.package_name())
}

/// A number that has another name in the new enum, or none. Prefixes, which are the enum's own name, do not count.
fn other_meaning(old: &EnumDescriptor, new: &EnumDescriptor) -> Option<i32> {
    let differs =
        |number: i32, name: &str| new.get_value(number).is_none_or(|value| bare(value.name(), new) != bare(name, old));
    old.values().find(|value| differs(value.number(), value.name())).map(|value| value.number())
}

/// The name of a value without its enum's: `PAID` of `STATUS_PAID` in `Status`.
fn bare<'n>(name: &'n str, declared: &EnumDescriptor) -> &'n str {
    let prefix = declared.name().len();
    match (name.get(..prefix), name.get(prefix..)) {
        (Some(start), Some(rest)) if start.eq_ignore_ascii_case(declared.name()) => {
            rest.strip_prefix('_').unwrap_or(name)
        }
        _ => name,
    }
}

/// Why values of `old` are taken for others when `new` reads them.
fn misread(old: &Kind, new: &Kind) -> Option<&'static str> {
    const CUT: &str = "values that do not fit are cut";
    const SIGN: &str = "negative and very large values are taken for each other";
    const BOOL: &str = "everything but 0 becomes true";
    Some(match (old, new) {
        (Kind::Bytes, Kind::String) => "bytes that are no UTF-8 cannot be read",
        (Kind::Bool, _) | (_, Kind::Bytes) => return None,
        (_, Kind::Bool) => BOOL,
        (Kind::Int64 | Kind::Uint64, Kind::Int32 | Kind::Uint32 | Kind::Enum(_)) => CUT,
        (Kind::Sint64, Kind::Sint32) => CUT,
        (Kind::Int32, Kind::Uint32 | Kind::Uint64) => SIGN,
        (Kind::Uint32, Kind::Int32) => SIGN,
        (Kind::Int64, Kind::Uint64) | (Kind::Uint64, Kind::Int64) => SIGN,
        (Kind::Fixed32, Kind::Sfixed32) | (Kind::Sfixed32, Kind::Fixed32) => SIGN,
        (Kind::Fixed64, Kind::Sfixed64) | (Kind::Sfixed64, Kind::Fixed64) => SIGN,
        _ => return None,
    })
}

/// The form of a value in JSON. Parsers of Protobuf take numbers with and without quotation marks; others of JSON do not.
fn json_form(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::Enum(_) => "a name",
        Kind::String => "text",
        Kind::Bytes => "base64",
        // More digits than a number of JSON keeps everywhere: https://protobuf.dev/programming-guides/json/.
        Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => "a number as text",
        _ => "a number",
    }
}

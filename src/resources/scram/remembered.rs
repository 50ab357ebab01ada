use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DeclaredPassword, user_of_address};
use crate::model::{Address, Kind};

/// The fields of a plan, and of what is remembered of an apply, that say how a password was set.
pub(super) const PASSWORD: &str = "password";
pub(super) const ROTATION: &str = "rotation";

/// How a password was set: from where, and for which rotation. Never the password, nor anything made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPassword {
    /// Where it was kept.
    pub password: String,
    /// The word of the rotation, where there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotation: Option<String>,
}

/// How the passwords of users were last set, by user. Brokers tell nothing of a password, so that this alone tells whether
/// one is to be set again. Who is not among them had it set by somebody else, or not at all.
pub type SetPasswords = BTreeMap<String, SetPassword>;

/// Takes it from what is remembered of applies.
pub fn set_passwords<'a>(
    applied: impl IntoIterator<Item = (&'a Address, &'a BTreeMap<String, String>)>,
) -> SetPasswords {
    let of_users = applied.into_iter().filter(|(address, _)| address.kind == Kind::ScramUser);
    let set = of_users.filter_map(|(address, fields)| {
        let password = fields.get(PASSWORD)?.clone();
        Some((user_of_address(&address.name)?, SetPassword { password, rotation: fields.get(ROTATION).cloned() }))
    });
    set.collect()
}

impl DeclaredPassword {
    /// As it is remembered once it is set.
    pub fn as_set(&self) -> SetPassword {
        SetPassword {
            password: self.reference.value.to_string(),
            rotation: self.rotation.as_ref().map(|rotation| rotation.value.to_string()),
        }
    }

    /// The fields of it that are remembered.
    pub fn fields(&self) -> impl Iterator<Item = (String, String)> {
        let SetPassword { password, rotation } = self.as_set();
        std::iter::once((PASSWORD.to_owned(), password)).chain(rotation.map(|rotation| (ROTATION.to_owned(), rotation)))
    }
}

/// Whether no server tells this field of a user, so that nobody can find out later whether a change of it was made.
pub fn is_told_by_memory_alone(kind: Kind, field: &str) -> bool {
    kind == Kind::ScramUser && matches!(field, PASSWORD | ROTATION)
}

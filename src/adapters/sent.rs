//! What servers were sent in this run that nobody may see.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Secret, SecretForms};

/// Credentials that a server was sent, and what they were had for. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<Secret>>>);

impl Sent {
    fn list(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is about to be sent.
    pub fn note(&self, secrets: impl IntoIterator<Item = Secret>) {
        let mut list = self.list();
        for secret in secrets {
            if !list.contains(&secret) {
                list.push(secret);
            }
        }
    }

    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// A text without them.
    pub fn hidden_in(&self, text: &str) -> String {
        Secret::hidden_in(text, &*self.list())
    }

    /// What hides all that was sent until now, to several servers.
    pub fn forms<'s>(all: impl IntoIterator<Item = &'s Self>) -> SecretForms {
        let all: Vec<Secret> = all.into_iter().flat_map(|sent| sent.list().clone()).collect();
        SecretForms::of(&all)
    }
}

impl FromIterator<Secret> for Sent {
    fn from_iter<I: IntoIterator<Item = Secret>>(secrets: I) -> Self {
        let sent = Self::default();
        sent.note(secrets);
        sent
    }
}

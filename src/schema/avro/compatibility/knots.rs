//! Large unions of the same types, in many places.
//!
//! A hundred records that each have a field of any of them are a hundred unions. Each meets each, and in each meeting
//! every branch meets every branch. The outcome is the same for all, so it is kept by what is in the unions.

use std::collections::HashMap;

use super::problem::Node;
use crate::schema::avro::model::{Type, TypeKind};

/// Smaller unions are compared faster than they are looked up.
const LARGE: usize = 8;

/// What a large union of the reader makes of a type of the writer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Settled {
    Read,
    /// No branch reads it; why the closest one does not.
    Missing(Option<u32>),
}

#[derive(Default)]
pub(super) struct Knots {
    /// Each large union of the reader, by its address; what is equal has the same number.
    numbers: HashMap<usize, Option<u32>>,
    contents: HashMap<Vec<usize>, u32>,
    settled: HashMap<(u32, usize), Settled>,
}

impl Knots {
    /// The number of what is in a union; none where it is small or has parts without a name.
    pub(super) fn number(&mut self, union: &Type) -> Option<u32> {
        let TypeKind::Union(branches) = &union.kind else { return None };
        if branches.len() <= LARGE {
            return None;
        }
        let address = std::ptr::from_ref(union) as usize;
        if let Some(known) = self.numbers.get(&address) {
            return *known;
        }
        let content: Option<Vec<usize>> = branches.iter().map(|branch| content(Node::of(branch))).collect();
        let next = self.contents.len() as u32;
        let number = content.map(|content| *self.contents.entry(content).or_insert(next));
        self.numbers.insert(address, number);
        number
    }

    pub(super) fn settled(&self, union: u32, writer: Node<'_>) -> Option<Settled> {
        self.settled.get(&(union, content(writer)?)).copied()
    }

    /// Keeps what will not change any more.
    pub(super) fn settle(&mut self, union: u32, writer: Node<'_>, settled: Settled) {
        if let Some(writer) = content(writer) {
            self.settled.insert((union, writer), settled);
        }
    }
}

fn content(of: Node<'_>) -> Option<usize> {
    match of {
        Node::Named(id) => Some(id.0),
        Node::Unnamed(of) => unnamed(of),
    }
}

fn unnamed(of: &Type) -> Option<usize> {
    Some(match of.kind {
        TypeKind::Null => usize::MAX,
        TypeKind::Boolean => usize::MAX - 1,
        TypeKind::Int => usize::MAX - 2,
        TypeKind::Long => usize::MAX - 3,
        TypeKind::Float => usize::MAX - 4,
        TypeKind::Double => usize::MAX - 5,
        TypeKind::Bytes => usize::MAX - 6,
        TypeKind::String => usize::MAX - 7,
        TypeKind::Array(_) | TypeKind::Map(_) | TypeKind::Union(_) | TypeKind::Named(_) => return None,
    })
}

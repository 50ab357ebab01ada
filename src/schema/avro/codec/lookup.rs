//! Finding things by their names. What is large is sorted once: a record may hold as many symbols as its enum has, and its
//! members may stand in any order.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::schema::text::{Json, Member};

/// What is searched one by one.
pub(super) const FEW: usize = 16;

/// Where symbols stand in their enums.
#[derive(Default)]
pub(super) struct Symbols<'s>(HashMap<usize, HashMap<&'s str, usize>>);

impl<'s> Symbols<'s> {
    /// The place of a symbol among those of an enum.
    pub(super) fn place(&mut self, symbols: &'s [String], symbol: &str) -> Option<usize> {
        if symbols.len() <= FEW {
            return symbols.iter().position(|known| known == symbol);
        }
        let places = self.0.entry(symbols.as_ptr().addr()).or_insert_with(|| {
            let places = symbols.iter().enumerate();
            // The first of a name counts.
            places.rev().map(|(place, symbol)| (symbol.as_str(), place)).collect()
        });
        places.get(symbol).copied()
    }
}

/// The places of the members of an object, by their names.
type Places<'j> = Rc<HashMap<&'j str, usize>>;

/// The places of the members of large objects, by the address of the list.
#[derive(Default)]
pub(super) struct Objects<'j>(HashMap<usize, Places<'j>>);

impl<'j> Objects<'j> {
    fn places(&mut self, members: &'j [Member<'_>]) -> Places<'j> {
        let places = self.0.entry(members.as_ptr().addr());
        places.or_insert_with(|| Rc::new(places_of(members))).clone()
    }
}

fn places_of<'j>(members: &'j [Member<'_>]) -> HashMap<&'j str, usize> {
    members.iter().enumerate().map(|(place, member)| (&*member.key, place)).collect()
}

/// The members of an object, each taken once. Most stand in the order of the fields.
pub(super) struct Members<'j, 't> {
    members: &'j [Member<'t>],
    places: Option<Places<'j>>,
    taken: HashSet<&'j str>,
    next: usize,
}

impl<'j, 't> Members<'j, 't> {
    pub(super) fn of(members: &'j [Member<'t>]) -> Self {
        Self { members, places: None, taken: HashSet::new(), next: 0 }
    }

    /// The value of a member; `objects` keeps what was sorted for it, for others that look at the same object.
    pub(super) fn take(&mut self, name: &str, objects: &mut Objects<'j>) -> Option<&'j Json<'t>> {
        let place = match self.members.get(self.next) {
            Some(member) if member.key == name => self.next,
            _ if self.members.len() <= FEW => self.members.iter().position(|member| member.key == name)?,
            _ => *self.places.get_or_insert_with(|| objects.places(self.members)).get(name)?,
        };
        self.next = place + 1;
        self.taken.insert(&self.members[place].key);
        Some(&self.members[place].value)
    }

    /// One that was not taken.
    pub(super) fn left(&self) -> Option<&'j Member<'t>> {
        self.members.iter().find(|member| !self.taken.contains(&*member.key))
    }
}

//! The guests of a cluster by number, each of them shared until it is changed.
//!
//! A large cluster is held twice, as it is and as it was at the start, and lists of it are kept with the guests
//! that they show. Sharing makes the one cheap and the other safe: whoever still holds a guest holds it as it was,
//! because a change is made on a copy. So the same guest is the same state, and nobody needs to say that something
//! changed.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Index, RangeBounds};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::guest::Guest;
use super::ids::Vmid;

/// Guests by number, in its order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Guests(BTreeMap<Vmid, Arc<Guest>>);

impl Guests {
    /// The guest of a number.
    pub fn get(&self, vmid: &Vmid) -> Option<&Guest> {
        self.0.get(vmid).map(|guest| &**guest)
    }

    /// The same to change it, on a copy if somebody else holds it.
    pub fn get_mut(&mut self, vmid: &Vmid) -> Option<&mut Guest> {
        self.0.get_mut(vmid).map(Arc::make_mut)
    }

    /// Whether there is a guest of that number.
    pub fn contains_key(&self, vmid: &Vmid) -> bool {
        self.0.contains_key(vmid)
    }

    /// Puts a guest there, in the place of one that was there.
    pub fn insert(&mut self, vmid: Vmid, guest: Guest) {
        self.0.insert(vmid, Arc::new(guest));
    }

    /// Takes a guest out.
    pub fn remove(&mut self, vmid: &Vmid) -> Option<Guest> {
        self.0.remove(vmid).map(Arc::unwrap_or_clone)
    }

    /// Leaves only those guests of which this is true.
    pub fn retain(&mut self, mut stays: impl FnMut(&Vmid, &Guest) -> bool) {
        self.0.retain(|vmid, guest| stays(vmid, guest));
    }

    /// Takes all guests out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(vmid, guest)| (vmid, &**guest))
    }

    /// All of them, to be held on to.
    pub fn shared(&self) -> impl Iterator<Item = (Vmid, &Arc<Guest>)> {
        self.0.iter().map(|(vmid, guest)| (*vmid, guest))
    }

    /// Their numbers.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Vmid> + ExactSizeIterator + Clone {
        self.0.keys()
    }

    /// Their numbers within bounds.
    pub fn numbers(&self, range: impl RangeBounds<Vmid>) -> impl Iterator<Item = Vmid> {
        self.0.range(range).map(|(vmid, _)| *vmid)
    }

    /// The guests without their numbers.
    pub fn values(&self) -> impl Iterator<Item = &Guest> + Clone {
        self.0.values().map(|guest| &**guest)
    }

    /// The same to change all of them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Guest> {
        self.0.values_mut().map(Arc::make_mut)
    }
}

/// Guests with their numbers.
pub type Iter<'a> = std::iter::Map<
    btree_map::Iter<'a, Vmid, Arc<Guest>>,
    fn((&'a Vmid, &'a Arc<Guest>)) -> (&'a Vmid, &'a Guest),
>;

impl<'a> IntoIterator for &'a Guests {
    type Item = (&'a Vmid, &'a Guest);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Index<&Vmid> for Guests {
    type Output = Guest;

    /// As the maps of the standard library: for numbers that are known to be there.
    fn index(&self, vmid: &Vmid) -> &Guest {
        &self.0[vmid]
    }
}

impl FromIterator<(Vmid, Guest)> for Guests {
    fn from_iter<T: IntoIterator<Item = (Vmid, Guest)>>(guests: T) -> Self {
        let guests = guests.into_iter();
        Self(
            guests
                .map(|(vmid, guest)| (vmid, Arc::new(guest)))
                .collect(),
        )
    }
}

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Guests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Guests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let guests = BTreeMap::<Vmid, Guest>::deserialize(deserializer)?;
        Ok(guests.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_a_guest_holds_it_as_it_was() {
        let file = r#"{"100": {"kind": "qemu", "node": "a", "config": {"name": "old"}}}"#;
        let mut guests: Guests = serde_json::from_str(file).unwrap();
        let held = guests.clone();
        let vmid = Vmid::FIRST;
        guests
            .get_mut(&vmid)
            .unwrap()
            .config
            .set("name", "new".to_owned());
        assert_eq!(held[&vmid].given_name(), Some("old"));
        assert_eq!(guests[&vmid].given_name(), Some("new"));
        for guest in guests.values_mut() {
            guest.config.set("name", "old".to_owned());
        }
        assert_eq!(guests, held);
    }
}

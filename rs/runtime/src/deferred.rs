//! The calls whose handlers kept the token: nobody else in the runtime knows of them any more.

use crate::failure::Failure;
use crate::slot::{Outcome, Slot};
use crate::sync::{Arc, Mutex, lock};
use std::collections::HashMap;

/// The slots of tokens that are out, so that shutdown can answer them. `None` once it has.
pub struct Deferred(Mutex<Option<HashMap<u64, Arc<Slot>>>>);

impl Default for Deferred {
    fn default() -> Self {
        Deferred(Mutex::new(Some(HashMap::new())))
    }
}

impl Deferred {
    /// Remembers a slot; after shutdown it is answered at once.
    pub fn keep(&self, slot: &Arc<Slot>) {
        if let Some(slots) = &mut *lock(&self.0) {
            slots.insert(slot.id(), slot.clone());
            return;
        }
        slot.clone().settle(Outcome::from(Failure::ShuttingDown));
    }

    /// The token has answered.
    pub fn forget(&self, id: u64) {
        let slot = lock(&self.0).as_mut().and_then(|slots| slots.remove(&id));
        drop(slot);
    }

    /// Answers all.
    pub fn close(&self) {
        let slots = lock(&self.0).take();
        for slot in slots.into_iter().flatten().map(|(_, slot)| slot) {
            slot.settle(Outcome::from(Failure::ShuttingDown));
        }
    }
}

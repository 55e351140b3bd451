//! Where the tokens of a batch put their ends, until the last one is there.

use crate::slot::Outcome;
use crate::sync::{Arc, Mutex, lock};

/// As many places as the batch has requests.
pub struct Gather(Mutex<Gathered>);

struct Gathered {
    /// In the order of the requests. Taken by whoever fills the last place.
    outcomes: Vec<Option<Outcome>>,
    missing: usize,
}

/// One of the places, for one token.
pub struct Seat {
    gather: Arc<Gather>,
    at: usize,
}

impl Gather {
    /// For so many.
    pub fn new(count: usize) -> Arc<Self> {
        Arc::new(Gather(Mutex::new(Gathered { outcomes: vec![None; count], missing: count })))
    }

    /// The place of the request with this number. It is given once.
    pub fn seat(self: &Arc<Self>, at: usize) -> Seat {
        Seat { gather: self.clone(), at }
    }

    /// Whether this place is filled.
    pub fn has(&self, at: usize) -> bool {
        let gathered = lock(&self.0);
        gathered.missing == 0 || gathered.outcomes[at].is_some()
    }
}

impl Seat {
    /// Fills the place; who fills the last one gets what is in all.
    pub fn put(self, outcome: Outcome) -> Option<Vec<Outcome>> {
        let mut gathered = lock(&self.gather.0);
        gathered.outcomes[self.at] = Some(outcome);
        gathered.missing -= 1;
        // Under the same lock: two that are the last ones would both find all places filled.
        let all = (gathered.missing == 0).then(|| std::mem::take(&mut gathered.outcomes));
        drop(gathered);
        all.map(|all| all.into_iter().flatten().collect())
    }
}

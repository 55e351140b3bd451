//! A stream of changes: each is decided on, and what has become of it reported.

use crate::folder::Folder;
use crate::listener::Backlog;
use crate::service::{Change, Decision, Outcome, Report};
use rs_in_hs::{Callback, CallbackError, Events, Object};
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

/// What its thread has.
pub struct Subscription {
    root: PathBuf,
    decide: Callback<Change, Decision>,
    events: Events<Report>,
}

impl Subscription {
    /// Starts its thread, if there is one to be had. It has no hold on the folder: to close that ends it.
    pub fn start(
        folder: &Object<Folder>,
        decide: Callback<Change, Decision>,
        events: Events<Report>,
    ) -> Option<JoinHandle<()>> {
        let backlog = folder.listeners().add();
        let subscription = Subscription { root: folder.root().into(), decide, events: events.clone() };
        let (listeners, number) = (Arc::downgrade(folder.listeners()), backlog.number);
        match thread::Builder::new().name("watch changes".into()).spawn(move || subscription.run(backlog)) {
            Ok(thread) => {
                let running = thread.thread().clone();
                events.on_close(move || {
                    if let Some(listeners) = listeners.upgrade() {
                        listeners.remove(number);
                    }
                    running.unpark();
                });
                Some(thread)
            }
            Err(error) => {
                events.fail(format_args!("no thread: {error}"));
                None
            }
        }
    }

    fn run(self, backlog: Backlog) {
        for change in &backlog.changes {
            let Some(decided) = self.ask(&change) else { return };
            let last = matches!(decided, Ok(Decision::Stop));
            let outcome = match decided {
                Ok(Decision::Ignore) => continue,
                Ok(Decision::Report | Decision::Stop) => Outcome::Seen,
                Ok(Decision::Copy { to }) => match to.follow(&self.root, &change) {
                    Ok(bytes) => Outcome::Copied { bytes },
                    Err(error) => Outcome::Failed { why: error.to_string() },
                },
                Err(error) => Outcome::Failed { why: error.to_string() },
            };
            if self.events.send(Report { change, outcome }).is_err() || last {
                return;
            }
        }
        if let Some(why) = backlog.end.get() {
            self.events.fail(why);
        }
    }

    /// What Haskell decides. `None` when nobody listens any more: the function is interrupted then.
    fn ask(&self, change: &Change) -> Option<Result<Decision, CallbackError>> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut reply = pin!(self.decide.call_later(change.clone()));
        loop {
            if let Poll::Ready(decided) = reply.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(decided);
            }
            if self.events.is_closed() {
                return None;
            }
            thread::park();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

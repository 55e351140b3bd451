//! Panics of an engine's code, caught with their place.
//!
//! The payload that `catch_unwind` gives has the message but not the place; the panic hook gets both. So a hook,
//! installed once and chained before the one that was there, keeps the report of a thread's last panic for whoever
//! catches it. While a thread is inside [`catch`], the hook prints nothing: the panic becomes an exception, or a
//! notice, on the Haskell side.

use crate::stats::COUNTERS;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What a panic said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The panic's message.
    pub message: String,
    /// `file:line:column`.
    pub place: String,
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Report>> = const { RefCell::new(None) };
}

/// Installs the hook, the first time.
pub fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            remember(info);
            // A thread that is being torn down has no locals left, and is not in `catch` either.
            if !is_caught() {
                previous(info);
            }
        }));
    });
}

fn remember(info: &PanicHookInfo<'_>) {
    let report = Report {
        message: text(info.payload()),
        place: info.location().map_or_else(|| UNKNOWN.into(), ToString::to_string),
    };
    // A panic inside of this function would find the cell borrowed.
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(report)));
}

/// The report of the panic that this thread is unwinding from.
pub fn last_report() -> Report {
    // A thread that is being torn down, where C may still call a closure, has it no more.
    let last = LAST.try_with(|last| last.borrow().clone()).ok().flatten();
    last.unwrap_or_else(|| Report { message: NO_TEXT.into(), place: UNKNOWN.into() })
}

/// Whether a panic on this thread is caught here, by whoever counts it.
pub fn is_caught() -> bool {
    CATCHING.try_with(Cell::get).unwrap_or(false)
}

/// Runs an engine's code; a panic becomes its report.
pub fn catch<R>(code: impl FnOnce() -> R) -> Result<R, Report> {
    let outer = CATCHING.replace(true);
    // While another panic unwinds, a destructor may come by here: that one's report is still of use around this.
    let earlier = if std::thread::panicking() { LAST.try_with(RefCell::take).ok().flatten() } else { None };
    // UNWIND SAFETY: the handler's own state is the engine author's to keep valid (a std Mutex poisons itself); of
    // the runtime's, nothing is changed in place while a handler runs.
    let result = panic::catch_unwind(AssertUnwindSafe(code));
    CATCHING.set(outer);
    let result = result.map_err(|payload| {
        let mut report = last_report();
        let message = text(&*payload);
        if message != report.message {
            // Of another panic, which the engine caught itself; or the hook was replaced.
            report = Report { message, place: UNKNOWN.into() };
        }
        discard(payload);
        report
    });
    if earlier.is_some() {
        LAST.set(earlier);
    }
    result
}

/// Panics with what was caught on another thread, as if it had happened here.
pub fn resume(report: Report) -> ! {
    let message = report.message.clone();
    let _ = LAST.try_with(|last| last.replace(Some(report)));
    panic::resume_unwind(Box::new(message))
}

/// Runs an engine's code where nobody is there to get its panic: that is counted, and told.
pub fn contain(what: &str, code: impl FnOnce()) {
    if let Err(report) = catch(code) {
        tell(what, &report);
    }
}

/// Counts a panic, and tells of it.
pub fn tell(what: &str, report: &Report) {
    COUNTERS.panics.raise();
    let _ = writeln!(std::io::stderr(), "rs-in-hs: {what}, at {}: {}", report.place, report.message);
}

/// A payload's destructor is foreign code, and may panic in turn; what that throws is leaked rather than dropped.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}

const UNKNOWN: &str = "an unknown place";
const NO_TEXT: &str = "a payload that is no text";

fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).into()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        NO_TEXT.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_message_and_place() {
        install_hook();
        let line = line!() + 1;
        let report = catch(|| panic!("no {}", "way")).unwrap_err();
        assert_eq!(report.message, "no way");
        assert!(report.place.starts_with(&format!("{}:{line}:", file!())), "{}", report.place);
    }

    #[test]
    fn survives_a_payload_whose_destructor_panics() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("again");
            }
        }
        install_hook();
        let report = catch(|| panic::panic_any(Bomb)).unwrap_err();
        assert_eq!(report.message, NO_TEXT);
        assert_eq!(catch(|| 7).unwrap(), 7);
    }
}

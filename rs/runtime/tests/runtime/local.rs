//! Values that stay on a thread of their type.

use crate::harness::*;
use crate::haskell::*;
use rs_in_hs_runtime::direct::Returned;
use rs_in_hs_runtime::function::{Callback, CallbackError};
use rs_in_hs_runtime::local::Local;
use rs_in_hs_runtime::reference::{self, Opaque};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread::ThreadId;

/// Tells, when its thread ends.
struct Farewell(Sender<ThreadId>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().id());
    }
}

thread_local! {
    static FAREWELL: RefCell<Option<Farewell>> = const { RefCell::new(None) };
}

fn home<T: Opaque>(of: &Local<T>) -> ThreadId {
    of.with(|_| thread::current().id())
}

#[test]
fn values_of_a_type_have_one_thread_which_ends_with_the_last() {
    struct One(#[expect(dead_code)] Rc<()>);
    struct Other(#[expect(dead_code)] Rc<()>);
    opaque!(One);
    opaque!(Other);

    let _alone = alone();
    let (tell, ended) = unbounded();
    let mut before = None;
    for _ in 0..3 {
        let tell = tell.clone();
        let first = Local::new(move || {
            FAREWELL.set(Some(Farewell(tell)));
            One(Rc::default())
        });
        let (second, other) = (Local::new(|| One(Rc::default())), Local::new(|| Other(Rc::default())));
        let here = home(&first);
        assert_eq!(home(&second), here);
        assert!(home(&other) != here && here != thread::current().id());
        assert!(before.replace(here) != Some(here), "a thread that has ended is another one");
        assert_eq!(COUNTERS.objects.get(), 3);
        let clone = first.clone();
        drop(first);
        drop(clone);
        assert_eq!(home(&second), here);
        none(&ended);
        drop(second);
        assert_eq!(next(&ended), here);
        assert_eq!(COUNTERS.objects.get(), 1);
    }
    nothing_left();
}

#[test]
fn a_value_is_made_used_and_dropped_where_it_lives() {
    struct Traveller(Sender<ThreadId>);
    opaque!(Traveller);

    impl Drop for Traveller {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    let (tell, told) = unbounded();
    let engine = Engine::new()
        .call("open", move |_, (): ()| {
            let tell = tell.clone();
            Local::new(move || Traveller(tell))
        })
        .call("use", |_, traveller: Local<Traveller>| {
            traveller.with(|traveller| traveller.0.send(thread::current().id()).unwrap());
        });
    let running = start(USUAL, engine);
    let (id, hold) = running.call("open", &()).answer_and_claim();
    running.call("use", &id).answer::<()>();
    let here = next(&told);
    none(&told);
    drop(hold);
    assert_eq!(next(&told), here);
    assert_eq!(running.call("use", &id).failure(), Failure::Closed { method: "use".into() });
    running.finish();
}

#[test]
fn panics_come_to_those_who_asked() {
    struct Touchy(Cell<u32>);
    opaque!(Touchy);

    impl Drop for Touchy {
        fn drop(&mut self) {
            assert!(self.0.get() < 9, "touchy to drop");
        }
    }

    fn text(caught: thread::Result<()>) -> String {
        *caught.unwrap_err().downcast::<String>().unwrap()
    }

    let _alone = alone();
    rs_in_hs_runtime::panics::install_hook();
    let caught = catch_unwind(|| drop(Local::<Touchy>::new(|| panic!("no {}", "way"))));
    assert_eq!(text(caught), "no way");
    nothing_left();
    let touchy = Local::new(|| Touchy(Cell::new(0)));
    let use_it = || {
        touchy.with(|touchy| {
            touchy.0.set(touchy.0.get() + 1);
            panic!("touched {}", touchy.0.get());
        })
    };
    for count in 1..=3 {
        let caught = catch_unwind(AssertUnwindSafe(use_it));
        assert_eq!(text(caught), format!("touched {count}"));
    }
    // The thread lives on, and the value.
    assert_eq!(touchy.with(|touchy| touchy.0.get()), 3);
    let panics = COUNTERS.panics.get();
    touchy.with(|touchy| touchy.0.set(9));
    drop(touchy);
    nothing_left();
    assert_eq!(COUNTERS.panics.get(), panics + 1);
    drop(Local::new(|| Touchy(Cell::new(0))));
    nothing_left();
}

/// A panic in a use is the handler's, with its place.
#[test]
fn a_use_that_panics_fails_its_call() {
    struct Plain(Cell<u32>);
    opaque!(Plain);

    let engine = Engine::new()
        .call("open", |_, (): ()| Local::new(|| Plain(Cell::new(1))))
        .call("use", |_, plain: Local<Plain>| plain.with(|plain| -> u32 { panic!("it is {}", plain.0.get()) }));
    let running = start(USUAL, engine);
    let (id, hold) = running.call("open", &()).answer_and_claim();
    let Failure::Panicked { method, place, message } = running.call("use", &id).failure() else { panic!("another") };
    assert_eq!((&*method, &*message), ("use", "it is 1"));
    assert!(place.contains("local.rs:"), "{place}");
    drop(hold);
    running.finish();
}

/// On its own thread nothing waits for that thread.
#[test]
fn uses_within_uses_and_values_within_values() {
    struct Parent(Cell<u32>);
    opaque!(Parent);

    struct Child(Local<Parent>);
    opaque!(Child);

    impl Drop for Child {
        fn drop(&mut self) {
            self.0.with(|parent| parent.0.set(parent.0.get() + 100));
        }
    }

    let _alone = alone();
    let parent = Local::new(|| Parent(Cell::new(0)));
    let within = parent.clone();
    parent.with(move |outer| {
        let same = within.clone();
        within.with(move |inner| inner.0.set(inner.0.get() + 1));
        let sibling = Local::new(|| Parent(Cell::new(7)));
        same.with(move |_| drop(sibling));
        assert_eq!(outer.0.get(), 1);
    });
    // Its last use is its child's, whose thread waits for the parent's.
    let child = {
        let parent = parent.clone();
        Local::new(move || Child(parent))
    };
    drop(child);
    until(|| parent.with(|parent| parent.0.get()) == 101);
    let child = {
        let parent = parent.clone();
        Local::new(move || Child(parent))
    };
    drop(parent);
    drop(child);
    nothing_left();
}

/// What runs there runs for the handler that waits: so that one's seat is free, and its caller's end is the function's.
#[test]
fn a_function_that_is_called_within_a_use() {
    struct Asker(#[expect(dead_code)] Rc<()>);
    opaque!(Asker);
    type Function = Callback<u64, u64>;

    let (notes, engine) = notes();
    let (tell, told) = unbounded();
    let ask = move |asker: Local<Asker>, function: Function| {
        let result = asker.with(move |_| function.call(1));
        tell.send(result.clone()).unwrap();
        result.is_ok()
    };
    let directly = ask.clone();
    let engine = engine
        .call("open", |_, (): ()| Local::new(|| Asker(Rc::default())))
        .call("ask", move |_, (asker, function): (Local<Asker>, Function)| ask(asker, function))
        .call_nonblocking("ask_at_once", move |_, (asker, function): (Local<Asker>, Function)| {
            directly(asker, function)
        });
    let running = start(USUAL, engine);
    let (id, hold) = running.call("open", &()).answer_and_claim();
    let ask = |timeout| {
        let function = running.offer();
        running.send_with(Kind::Call, "ask", &(id, function.id()), vec![function], timeout)
    };

    let call = ask(None);
    let invoked = running.invoked();
    running.call("note", &5_u64).answer::<()>();
    assert_eq!(next(&notes), 5);
    give_back(invoked, &2_u64);
    assert_eq!(next(&told), Ok(2));
    assert!(call.answer::<bool>());

    let call = ask(None);
    let invoked = running.invoked();
    call.release();
    assert_eq!(next(&told), Err(CallbackError::Cancelled));
    drop(invoked);

    let call = ask(Some(Duration::from_millis(20)));
    assert_eq!(next(&told), Err(CallbackError::TimedOut));
    assert_eq!(call.wait(), Outcome::TimedOut);

    let function = running.offer();
    let request = wire::to_bytes(&(id, function.id()), 100).unwrap();
    let direct = runtime::direct(running.epoch, method_id("ask_at_once"), &request, 8, true);
    let Ok(Ok(Returned::Slot(slot))) = direct else { panic!("it has an answer") };
    let refused = |outcome: &Outcome| matches!(outcome, Outcome::Failed(Failure::Panicked { message, .. }, _) if message.contains("#[nonblocking]"));
    assert_eq!(slot.outcome(refused), Some(true));
    none(&told);
    drop(slot);
    drop((function, hold));
    running.finish();
}

/// The value of one that Haskell has is dropped by shutdown; what an engine keeps is there for as long as it is.
#[test]
fn shutdown_drops_what_haskell_has() {
    struct Kept(Sender<&'static str>);
    opaque!(Kept);

    impl Drop for Kept {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }

    let (tell, told) = unbounded();
    let engine = Engine::new().call("open", move |_, (): ()| {
        let tell = tell.clone();
        Local::new(move || Kept(tell))
    });
    let running = start(USUAL, engine);
    let (id, hold) = running.call("open", &()).answer_and_claim();
    none(&told);
    assert_eq!(running.stop(), 0);
    assert_eq!(told.try_recv(), Ok("dropped"));
    assert!(reference::hold(id).is_none());
    // The finalizer comes after it, and finds nothing.
    drop(hold);
    running.was_stopped();
}

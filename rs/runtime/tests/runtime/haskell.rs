//! Haskell, played: the functions that Rust calls, and what it does with what answers refer to.

use crate::harness::*;
use rs_in_hs_runtime::carried::Hold;
use rs_in_hs_runtime::channel::{self, Overflow};
use rs_in_hs_runtime::function::Invocation;
use rs_in_hs_runtime::outbox::{self, Invoke, Summons};
use rs_in_hs_runtime::reference;
use rs_in_hs_runtime::schema::{self, Type, Types};
use rs_in_hs_runtime::service::{Arguments, Handler, answer};
use rs_in_hs_runtime::stream::Events;
use rs_in_hs_runtime::wire::Data;

/// Makes a type one that Haskell may hold.
macro_rules! opaque {
    ($name:ident) => {
        impl rs_in_hs_runtime::reference::Opaque for $name {
            const NAME: &'static str = stringify!($name);
            const DOCS: &'static str = "";
            const PLACE: &'static str = "";
        }
    };
}

pub(crate) use opaque;

/// What Haskell may hold in these tests: it tells when it is dropped.
pub struct Thing {
    pub name: String,
    pub dropped: Sender<String>,
}

opaque!(Thing);

impl Drop for Thing {
    fn drop(&mut self) {
        let _ = self.dropped.send(std::mem::take(&mut self.name));
    }
}

/// What is left, by name, of what was made.
fn left() -> Vec<(&'static str, u64)> {
    let all = [
        ("slots", &COUNTERS.live_slots),
        ("waiters", &COUNTERS.stable_ptrs),
        ("readers", &COUNTERS.notice_readers),
        ("subscriptions", &COUNTERS.subscriptions),
        ("callbacks", &COUNTERS.callbacks),
        ("closures", &COUNTERS.closures),
        ("objects", &COUNTERS.objects),
    ];
    all.into_iter().map(|(name, counter)| (name, counter.get())).filter(|(_, count)| *count > 0).collect()
}

/// Waits until nothing is left.
pub fn nothing_left() {
    let limit = Instant::now() + LONG;
    while !left().is_empty() {
        assert!(Instant::now() < limit, "left: {:?}", left());
        thread::yield_now();
    }
}

impl Running {
    /// Stops it, with nothing left behind, and nothing left.
    pub fn finish(self) {
        assert_eq!(self.stop(), 0);
        nothing_left();
    }

    /// The same of one that was stopped.
    pub fn was_stopped(self) {
        nothing_left();
    }

    /// Stops it, with nothing left behind, and starts another, before any other test can.
    pub fn restart(&mut self, settings: Settings, engine: Engine) {
        let _ = runtime::stop(self.epoch, || {});
        self.epoch = runtime::start(&settings.bytes(), || engine).unwrap();
    }

    /// See [`offer`].
    pub fn offer(&self) -> Hold {
        offer(self.epoch)
    }

    /// Sends a request that refers to things.
    pub fn send_with<Q: Encode>(
        &self,
        kind: Kind,
        name: &str,
        request: &Q,
        holds: Vec<Hold>,
        timeout: Option<Duration>,
    ) -> Sent {
        let slot = self.slot(kind, name, request, timeout);
        holds.into_iter().for_each(|hold| slot.carry(hold));
        submit(self.epoch, slot)
    }

    /// See [`ask`].
    pub fn ask(&self, name: &str, number: u64) -> Sent {
        ask(self.epoch, name, number)
    }

    /// What Haskell is to do next; `None` once the runtime shuts down.
    pub fn summons(&self) -> Option<Summons<Invocation>> {
        summons(self.epoch)
    }

    /// A call of a function, which comes next, but for functions that are released.
    pub fn invoked(&self) -> Arc<Invocation> {
        loop {
            match self.summons() {
                Some(Summons::Call(call)) => return call,
                Some(Summons::Release(_)) => {}
                Some(Summons::Cancel(number)) => panic!("the call {number} was cancelled"),
                None => panic!("the runtime has shut down"),
            }
        }
    }

    /// Nobody waits for this call any more, which comes next.
    pub fn cancelled(&self, number: u64) {
        match self.summons() {
            Some(Summons::Cancel(cancelled)) => assert_eq!(cancelled, number),
            Some(Summons::Call(_)) => panic!("a call has come"),
            Some(Summons::Release(number)) => panic!("the function {number} was released"),
            None => panic!("the runtime has shut down"),
        }
    }

    /// Nobody in Rust has this function any more, which comes next.
    pub fn released(&self, number: u64) {
        match self.summons() {
            Some(Summons::Release(released)) => assert_eq!(released, number),
            Some(Summons::Call(_)) => panic!("a call has come"),
            Some(Summons::Cancel(number)) => panic!("the call {number} was cancelled"),
            None => panic!("the runtime has shut down"),
        }
    }

    /// Nothing is to be done now.
    pub fn no_summons(&self) {
        let (waiter, waker) = GHC.waker_of(&COUNTERS.notice_readers);
        assert!(matches!(runtime::next_summons(self.epoch, waker), outbox::Next::Wait));
        assert_eq!(GHC.fate(waiter), Fate::Alive);
    }

    /// Runs functions as Haskell does, each call on a thread of its own, until the runtime shuts down.
    pub fn serve(&self, run: impl Fn(&Invocation) -> Outcome + Send + Sync + 'static) -> thread::JoinHandle<()> {
        let epoch = self.epoch;
        thread::spawn(move || {
            thread::scope(|threads| {
                while let Some(summons) = summons(epoch) {
                    if let Summons::Call(call) = summons {
                        threads.spawn(|| {
                            let outcome = run(&call);
                            end(call, outcome);
                        });
                    }
                }
            });
        })
    }

    /// Subscribes to a stream, and takes it over.
    pub fn subscribe(&self, method: u64, capacity: u64, overflow: Overflow) -> Reader {
        let (id, hold) = self.request_stream(method, capacity, overflow as u8).answer_and_claim();
        Reader { id, _hold: hold }
    }

    pub fn request_stream(&self, method: u64, capacity: u64, overflow: u8) -> Sent {
        let request = wire::to_bytes(&(capacity, overflow), usize::MAX).unwrap();
        submit(self.epoch, runtime::slot(Kind::Call, method, None, request))
    }
}

fn submit(epoch: u64, slot: Arc<Slot>) -> Sent {
    let (waiter, waker) = GHC.waker();
    let place = runtime::submit(epoch, &slot, Some(waker)).unwrap();
    Sent { slot, waiter, place }
}

/// A function of Haskell's, as a request refers to it: by its number, for as long as it holds this.
pub fn offer(epoch: u64) -> Hold {
    let writing = Slot::new(0, Kind::Call, 0, None, Vec::new());
    let number = runtime::offer(epoch, &writing).unwrap();
    let (_, mut holds) = writing.take_written().unwrap();
    let hold = holds.pop().unwrap();
    assert!(holds.is_empty() && hold.id() == number);
    hold
}

/// A call of the method `name` with a new function and a number.
pub fn ask(epoch: u64, name: &str, number: u64) -> Sent {
    let function = offer(epoch);
    let request = wire::to_bytes(&(function.id(), number), usize::MAX).unwrap();
    let slot = runtime::slot(Kind::Call, method_id(name), None, request);
    slot.carry(function);
    submit(epoch, slot)
}

fn summons(epoch: u64) -> Option<Summons<Invocation>> {
    loop {
        let (waiter, waker) = GHC.waker_of(&COUNTERS.notice_readers);
        match runtime::next_summons(epoch, waker) {
            outbox::Next::Summons(summons) => return Some(summons),
            outbox::Next::Closed => return None,
            outbox::Next::Wait => GHC.wait(waiter),
        }
    }
}

/// A call of a function ends, and Haskell lets go of it.
pub fn end(call: Arc<Invocation>, outcome: Outcome) {
    call.end(outcome);
    // What dismissing it does.
    call.slot().clone().settle(Outcome::Cancelled);
}

pub fn give_back<A: Encode>(call: Arc<Invocation>, result: &A) {
    end(call, result_of(result));
}

pub fn result_of<A: Encode>(result: &A) -> Outcome {
    Outcome::Answer(wire::to_bytes(result, usize::MAX).unwrap().into())
}

pub fn thrown(exception: &str, message: &str) -> Outcome {
    Failure::Thrown { exception: exception.into(), message: message.into() }.into()
}

pub fn argument<A: for<'de> Decode<'de>>(call: &Invocation) -> A {
    wire::from_bytes(call.request()).unwrap()
}

impl Sent {
    /// The answer, which is a reference: Haskell takes it over before it lets go of the slot.
    pub fn answer_and_claim(self) -> (u64, Hold) {
        GHC.wait(self.waiter);
        let id = self.slot.outcome(|outcome| match outcome {
            Outcome::Answer(answer) => {
                assert!(!answer.carried.is_empty());
                wire::from_bytes(&answer.head).unwrap()
            }
            other => panic!("{other:?}"),
        });
        let id = id.unwrap();
        let hold = reference::hold(id).expect("the slot holds it");
        runtime::release(self.slot);
        (id, hold)
    }
}

/// A stream as its subscriber has it.
pub struct Reader {
    pub id: u64,
    _hold: Hold,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Read<T> {
    Event(T),
    Failed(Failure),
    End,
    Closed,
    /// There is none, and the waiter was taken.
    Wait(usize),
}

impl Reader {
    /// What there is now.
    pub fn look<T: for<'de> Decode<'de>>(&self) -> Read<T> {
        look(self.id)
    }

    /// What comes, sooner or later.
    pub fn next<T: for<'de> Decode<'de>>(&self) -> Read<T> {
        loop {
            match self.look() {
                Read::Wait(waiter) => GHC.wait(waiter),
                read => return read,
            }
        }
    }

    pub fn dropped(&self) -> u64 {
        reference::stream(self.id).unwrap().dropped()
    }

    pub fn close(&self) {
        assert!(reference::close(self.id));
    }
}

/// What there is now in the stream of this number.
pub fn look<T: for<'de> Decode<'de>>(id: u64) -> Read<T> {
    let Some(stream) = reference::stream(id) else { return Read::Closed };
    let (waiter, waker) = GHC.waker();
    match stream.next(waker) {
        channel::Next::Event(slot) => {
            let read = slot.outcome(|outcome| match outcome {
                Outcome::Answer(answer) => Read::Event(wire::from_bytes(&answer.head).unwrap()),
                Outcome::Failed(failure, _) => Read::Failed(failure.clone()),
                other => panic!("{other:?}"),
            });
            read.unwrap()
        }
        channel::Next::Wait => Read::Wait(waiter),
        channel::Next::End => Read::End,
        channel::Next::Closed => Read::Closed,
    }
}

/// An engine with a stream, as `#[stream]` makes it: its method's number, and the engine.
pub fn streaming<T: Data + Encode + 'static>(
    name: &'static str,
    method: impl Fn(&Context, Events<T>) + Send + Sync + 'static,
) -> (u64, Engine) {
    let mut types = Types::default();
    let answer_type = Type::Stream(Box::new(T::describe(&mut types)));
    let described = schema::Method {
        name: name.into(),
        docs: String::new(),
        is_cast: false,
        is_nonblocking: false,
        arguments: Vec::new(),
        answer: answer_type,
    };
    let service = schema::Service { name: "Streaming".into(), docs: String::new(), methods: vec![described], types };
    let handler = Handler::now(move |context, request, to| {
        let mut sent = Arguments::new(name, request);
        let subscription = sent.subscription(context)?;
        sent.end()?;
        method(context, subscription.events());
        answer(name, to, |to| subscription.encode(to))
    });
    let id = service.method_id(&service.methods[0]);
    (id, Engine::new().serve(&service, [(name, handler)]))
}

/// An engine with a stream whose events the test sends.
pub fn handed<T: Data + Encode + 'static>() -> (u64, Receiver<Events<T>>, Engine) {
    let (give, given) = unbounded();
    let (method, engine) = streaming("handed", move |_, events| give.send(events).unwrap());
    (method, given, engine)
}

pub fn taken<T>(given: &Receiver<T>) -> T {
    given.recv_timeout(LONG).expect("it comes in time")
}

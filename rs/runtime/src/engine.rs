//! An engine: the methods that a Haskell program may call.

use crate::closure::{self, APPLY};
use crate::context::Context;
use crate::failure::Failure;
use crate::method::method_id;
use crate::schema;
use crate::slot::Kind;
use crate::token::{CallToken, RawToken};
use crate::wire::{self, Decode, Encode, Encoder, WireError};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use thiserror::Error;

/// The methods of one engine, or of several that are linked together.
///
/// It is built anew at each init, so state that its handlers share starts fresh with each `withRust`, and is dropped
/// when the runtime has shut down.
///
/// ```
/// use rs_in_hs_runtime::Engine;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::Arc;
///
/// fn engine() -> Engine {
///     let total = Arc::new(AtomicU64::new(0));
///     let seen = total.clone();
///     Engine::new()
///         .cast("counter.add", move |_, n: u64| {
///             total.fetch_add(n, Ordering::Relaxed);
///         })
///         .call("counter.total", move |_, (): ()| seen.load(Ordering::Relaxed))
/// }
/// # engine();
/// ```
///
/// Handlers run on the runtime's worker threads. With one worker, which is the default, they run one at a time, and
/// what one Haskell thread sends is handled in the order in which it was sent, calls and casts alike. With more
/// workers, handlers run at the same time, and two casts, or a cast and a later call, of one thread may change places.
#[derive(Default)]
pub struct Engine {
    methods: HashMap<(Kind, u64), Method, BuildHasherDefault<IdHasher>>,
    clash: Option<EngineError>,
}

/// Method ids are hashes already.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(1) ^ number;
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Why an engine is refused at init.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EngineError {
    /// Two handlers for one name.
    #[error("two handlers of {0}: each method of the engines that are linked together needs a name of its own")]
    Duplicate(&'static str),
    /// Two names with one hash.
    #[error("{0} and {1} have the same method id: rename one of them")]
    Clash(&'static str, &'static str),
    /// Types that would be one in Haskell, or that go the wrong way.
    #[error("{0}")]
    Types(String),
}

pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) handler: Handler,
    /// Whether it is short and never waits, by its author's word.
    pub(crate) nonblocking: bool,
}

pub(crate) type NowFn = Box<dyn Fn(&Context, &[u8], &mut Encoder) -> Result<(), Failure> + Send + Sync>;
pub(crate) type LaterFn = Box<dyn Fn(&mut Option<RawToken>, &[u8]) -> Result<(), Failure> + Send + Sync>;

/// What runs for a method.
#[doc(hidden)]
pub enum Handler {
    /// Is through when it returns, and has written the answer, which for a cast is empty.
    Now(NowFn),
    /// Takes the token out of its place and answers whenever it likes.
    Later(LaterFn),
}

impl Handler {
    /// One that is through when it returns.
    pub fn now(run: impl Fn(&Context, &[u8], &mut Encoder) -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        Handler::Now(Box::new(run))
    }

    /// One that takes the token out of its place.
    pub fn later(run: impl Fn(&mut Option<RawToken>, &[u8]) -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        Handler::Later(Box::new(run))
    }
}

impl Engine {
    /// An engine without methods.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a call: the handler's result is the answer.
    ///
    /// A panic in the handler, in decoding its request or in encoding its answer becomes an exception of the
    /// caller; the worker lives on.
    pub fn call<Q, A>(self, name: &'static str, handler: impl Fn(&Context, Q) -> A + Send + Sync + 'static) -> Self
    where
        Q: for<'de> Decode<'de>,
        A: Encode,
    {
        self.add(Kind::Call, method_id(name), Method { name, handler: answering(name, handler), nonblocking: false })
    }

    /// Adds a call whose handler is short, and never waits: a direct call of it then holds up the Haskell threads of its
    /// capability, and each garbage collection, until it returns. It should be through within some microseconds, and
    /// take no lock that anyone holds for longer.
    pub fn call_nonblocking<Q, A>(
        self,
        name: &'static str,
        handler: impl Fn(&Context, Q) -> A + Send + Sync + 'static,
    ) -> Self
    where
        Q: for<'de> Decode<'de>,
        A: Encode,
    {
        self.add(Kind::Call, method_id(name), Method { name, handler: answering(name, handler), nonblocking: true })
    }

    /// Adds a call whose handler gets the right to answer as a [`CallToken`], which it may keep, or send to another
    /// thread, and use later. A token that is dropped answers for itself, with an exception for the caller.
    pub fn call_later<Q, A>(self, name: &'static str, handler: impl Fn(CallToken<A>, Q) + Send + Sync + 'static) -> Self
    where
        Q: for<'de> Decode<'de>,
        A: Encode,
    {
        let run = move |place: &mut Option<RawToken>, request: &[u8]| {
            let request = decode(name, request)?;
            if let Some(token) = place.take() {
                handler(CallToken::from(token), request);
            }
            Ok(())
        };
        self.add(Kind::Call, method_id(name), Method { name, handler: Handler::later(run), nonblocking: false })
    }

    /// Adds a cast: nobody waits for the handler.
    ///
    /// What goes wrong in it is reported to Haskell through `Config`'s `onFailure`.
    pub fn cast<Q>(self, name: &'static str, handler: impl Fn(&Context, Q) + Send + Sync + 'static) -> Self
    where
        Q: for<'de> Decode<'de>,
    {
        let run = move |context: &Context, request: &[u8], _: &mut Encoder| {
            handler(context, decode(name, request)?);
            Ok(())
        };
        self.add(Kind::Cast, method_id(name), Method { name, handler: Handler::now(run), nonblocking: false })
    }

    /// Adds all methods of another engine.
    pub fn merge(mut self, other: Engine) -> Self {
        self.clash = self.clash.or(other.clash);
        other.methods.into_iter().fold(self, |all, ((kind, id), method)| all.add(kind, id, method))
    }

    /// Adds the handlers of a service, in the order of its methods; each with the name by which failures call it.
    #[doc(hidden)]
    pub fn serve(
        mut self,
        service: &schema::Service,
        handlers: impl IntoIterator<Item = (&'static str, Handler)>,
    ) -> Self {
        self.clash = self.clash.or(service.clashes().into_iter().next().map(EngineError::Types));
        service.methods.iter().zip(handlers).fold(self, |all, (method, (name, handler))| {
            let kind = if method.is_cast { Kind::Cast } else { Kind::Call };
            all.add(kind, service.method_id(method), Method { name, handler, nonblocking: method.is_nonblocking })
        })
    }

    fn add(mut self, kind: Kind, id: u64, method: Method) -> Self {
        let name = method.name;
        let before = self.methods.insert((kind, id), method);
        if let Some(before) = before {
            let error =
                if before.name == name { EngineError::Duplicate(name) } else { EngineError::Clash(before.name, name) };
            self.clash.get_or_insert(error);
        }
        self
    }

    /// Whether the engine can be used, which init asks once.
    pub fn validated(self) -> Result<Self, EngineError> {
        let method = Method { name: APPLY, handler: closure::apply(), nonblocking: false };
        let engine = self.add(Kind::Call, method_id(APPLY), method);
        match engine.clash {
            None => Ok(engine),
            Some(error) => Err(error),
        }
    }

    pub(crate) fn method(&self, kind: Kind, id: u64) -> Option<&Method> {
        self.methods.get(&(kind, id))
    }
}

fn decode<Q: for<'de> Decode<'de>>(method: &str, request: &[u8]) -> Result<Q, Failure> {
    wire::from_bytes(request).map_err(|error| match error.of_request(method) {
        Failure::Undecodable { method, reason } => {
            Failure::Undecodable { method, reason: format!("{reason}, while {} was read", std::any::type_name::<Q>()) }
        }
        closed => closed,
    })
}

/// A handler that decodes, calls, and writes the answer.
fn answering<Q, A>(name: &'static str, handler: impl Fn(&Context, Q) -> A + Send + Sync + 'static) -> Handler
where
    Q: for<'de> Decode<'de>,
    A: Encode,
{
    Handler::now(move |context, request, to| {
        let answer = handler(context, decode(name, request)?);
        write(name, to, |to| answer.encode_last(to))
    })
}

/// Writes an answer.
#[doc(hidden)]
pub fn write(
    method: &str,
    to: &mut Encoder,
    write: impl FnOnce(&mut Encoder) -> Result<(), WireError>,
) -> Result<(), Failure> {
    to.message(write).map_err(|error| match error {
        WireError::TooLarge { size, limit } => {
            Failure::AnswerTooLarge { method: method.into(), size: size as u64, limit: limit as u64 }
        }
        // Nothing is taken in any more that it could refer to.
        WireError::Closed { .. } => Failure::ShuttingDown,
        other => Failure::Unencodable { method: method.into(), reason: other.to_string() },
    })
}

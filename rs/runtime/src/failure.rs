//! How a call can end other than by its handler's answer.

use crate::wire::Encode;
use thiserror::Error;

/// Why a call has no answer. The Haskell side turns each variant into a constructor of its exception type.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Failure {
    /// The handler panicked, or decoding its request or encoding its answer did.
    #[error("{method} panicked at {place}: {message}")]
    Panicked {
        /// The method's name.
        method: String,
        /// `file:line:column` of the panic, or `an unknown place`.
        place: String,
        /// The panic's message.
        message: String,
    },
    /// The request's bytes are not a value of the type that the method takes.
    #[error("{method} cannot decode its request: {reason}")]
    Undecodable {
        /// The method's name.
        method: String,
        /// What is wrong, and at which byte.
        reason: String,
    },
    /// The answer has no encoding, for example because its values are nested too deep.
    #[error("{method} cannot encode its answer: {reason}")]
    Unencodable {
        /// The method's name.
        method: String,
        /// What is wrong.
        reason: String,
    },
    /// The answer is larger than `maxMsgLen`.
    #[error("the answer of {method} has {size} bytes, over the limit of {limit}; raise Config's maxMsgLen")]
    AnswerTooLarge {
        /// The method's name.
        method: String,
        /// Bytes that the answer would have taken.
        size: u64,
        /// `maxMsgLen`, in bytes.
        limit: u64,
    },
    /// No method of the engine has this id and kind.
    #[error("the engine has no {kind} with method id {id:#018x}")]
    UnknownMethod {
        /// `call` or `cast`.
        kind: &'static str,
        /// See [`method_id`](crate::method::method_id).
        id: u64,
    },
    /// The handler let go of its `CallToken` without an answer.
    #[error("{method} dropped its token without an answer")]
    Abandoned {
        /// The method's name.
        method: String,
    },
    /// The cast was accepted, but the time for shutdown was over before its turn came.
    #[error("{method} was not handled before the end of the shutdown")]
    CastDropped {
        /// The method's name.
        method: String,
    },
    /// The request refers to something that is closed, or is of an earlier run.
    #[error("{method}: what the request refers to is closed")]
    Closed {
        /// The method's name.
        method: String,
    },
    /// A Haskell function threw.
    #[error("the Haskell function threw {exception}: {message}")]
    Thrown {
        /// The exception's type.
        exception: String,
        /// What it says of itself.
        message: String,
    },
    /// A stream's queue was full, and its subscriber has chosen that it then fails.
    #[error("the stream's queue of {capacity} events was full")]
    Overflowed {
        /// Events.
        capacity: u64,
    },
    /// The producer has ended the stream with a failure.
    #[error("the stream has failed: {message}")]
    StreamFailed {
        /// What the producer said.
        message: String,
    },
    /// The runtime shut down first.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

impl Failure {
    /// What stands for the cause in the answers to a batch: its number among the boundary's statuses (`H2rStatus`).
    pub fn code(&self) -> u8 {
        match self {
            Failure::ShuttingDown => 5,
            Failure::Panicked { .. } => 14,
            Failure::Undecodable { .. } => 15,
            Failure::Unencodable { .. } => 16,
            Failure::AnswerTooLarge { .. } => 17,
            Failure::UnknownMethod { .. } => 18,
            Failure::Abandoned { .. } => 19,
            Failure::CastDropped { .. } => 20,
            Failure::Closed { .. } => 26,
            Failure::Thrown { .. } => 27,
            Failure::Overflowed { .. } => 28,
            Failure::StreamFailed { .. } => 29,
        }
    }

    /// The failure's fields in the wire's encoding, texts as bytes in UTF-8.
    pub fn payload(&self) -> Vec<u8> {
        fn fields(value: impl Encode) -> Vec<u8> {
            // The value is a tuple of texts and integers, which always have an encoding.
            crate::wire::to_bytes(&value, usize::MAX).unwrap_or_default()
        }
        match self {
            Failure::Panicked { method, place, message } => fields((method, place, message)),
            Failure::Undecodable { method, reason } | Failure::Unencodable { method, reason } => {
                fields((method, reason))
            }
            Failure::AnswerTooLarge { method, size, limit } => fields((method, size, limit)),
            Failure::Abandoned { method } | Failure::CastDropped { method } => fields(method),
            Failure::Closed { method } => fields(method),
            Failure::Thrown { exception, message } => fields((exception, message)),
            Failure::Overflowed { capacity } => fields(capacity),
            Failure::StreamFailed { message } => fields(message),
            Failure::UnknownMethod { id, .. } => fields(id),
            Failure::ShuttingDown => Vec::new(),
        }
    }
}

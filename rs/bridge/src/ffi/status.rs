//! What the exported functions return.

use rs_in_hs_runtime::answer::Answer;
use rs_in_hs_runtime::direct::Refused;
use rs_in_hs_runtime::failure::Failure;
use rs_in_hs_runtime::intake::Refusal;
use rs_in_hs_runtime::runtime::{StartError, SubmitError};
use rs_in_hs_runtime::slot::Outcome;

/// How a function, or a call, has ended.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum H2rStatus {
    /// Done. From `h2r_result`: the bytes are the answer.
    H2R_OK = 0,
    /// Not yet: wait for the MVar.
    H2R_WAIT = 1,
    /// The queue is full, and no waiter was given.
    H2R_FULL = 2,
    /// No runtime of this epoch is running.
    H2R_NOT_RUNNING = 3,
    /// A runtime is running, starting or shutting down.
    H2R_ALREADY_RUNNING = 4,
    /// The runtime shut down before there was an answer.
    H2R_SHUTTING_DOWN = 5,
    /// The request is larger than `maxMsgLen`.
    H2R_TOO_LARGE = 6,
    /// There is no memory for the request.
    H2R_OUT_OF_MEMORY = 7,
    /// A null pointer where there must be none, a kind that does not exist, or a slot submitted twice.
    H2R_INVALID_ARGUMENT = 8,
    /// The configuration cannot be decoded, or a number in it is out of range.
    H2R_BAD_CONFIG = 9,
    /// The engine panicked while it was built, or has two methods of one name.
    H2R_BAD_ENGINE = 10,
    /// The system gives no more threads.
    H2R_NO_THREAD = 11,
    /// The deadline came first.
    H2R_TIMED_OUT = 12,
    /// The caller has released the slot.
    H2R_CANCELLED = 13,
    /// The handler panicked. The bytes are method, place and message.
    H2R_PANICKED = 14,
    /// The engine cannot decode the request. The bytes are method and reason.
    H2R_UNDECODABLE = 15,
    /// The engine cannot encode the answer. The bytes are method and reason.
    H2R_UNENCODABLE = 16,
    /// The answer is larger than `maxMsgLen`. The bytes are method, size and limit (the latter 64 bits each).
    H2R_ANSWER_TOO_LARGE = 17,
    /// The engine has no such method of this kind. As a call's end (its slot came from another epoch), the bytes are
    /// the method's id (64 bits).
    H2R_UNKNOWN_METHOD = 18,
    /// The handler dropped its token. The bytes are the method.
    H2R_ABANDONED = 19,
    /// The time for shutdown was over before the cast's turn came. Of notices only. The bytes are the method.
    H2R_CAST_DROPPED = 20,
    /// This process was forked from one in which a runtime was running, whose threads it does not have.
    H2R_FORKED = 21,
    /// A bug of rs-in-hs; stderr has what it said.
    H2R_INTERNAL = 22,
    /// The engine has other services than the program was built with.
    H2R_OTHER_SERVICES = 23,
    /// Done, and the answer's last bytes are in a piece of their own: `h2r_tail` shows them.
    H2R_OK_WITH_TAIL = 24,
    /// The method is not marked as nonblocking.
    H2R_MAY_BLOCK = 25,
    /// What is referred to is closed, or is of an earlier run.
    H2R_CLOSED = 26,
    /// A Haskell function threw.
    H2R_THROWN = 27,
    /// The stream's queue was full, and its subscriber has chosen that it then fails.
    H2R_OVERFLOWED = 28,
    /// The producer has ended the stream with a failure.
    H2R_STREAM_FAILED = 29,
    /// Done, and the answer refers to things, which `h2r_claim` takes over before the slot is released.
    H2R_OK_REFERRING = 30,
    /// The stream has no more events.
    H2R_ENDED = 31,
}

impl From<&StartError> for H2rStatus {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Forked => H2rStatus::H2R_FORKED,
            StartError::AlreadyRunning => H2rStatus::H2R_ALREADY_RUNNING,
            StartError::Config(_) => H2rStatus::H2R_BAD_CONFIG,
            StartError::Engine(_) | StartError::EnginePanicked { .. } => H2rStatus::H2R_BAD_ENGINE,
            StartError::Thread(_) => H2rStatus::H2R_NO_THREAD,
        }
    }
}

impl From<SubmitError> for H2rStatus {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::NotRunning(_) => H2rStatus::H2R_NOT_RUNNING,
            SubmitError::Refused(Refusal::Full) => H2rStatus::H2R_FULL,
            SubmitError::Refused(Refusal::Closed) => H2rStatus::H2R_SHUTTING_DOWN,
            SubmitError::Refused(Refusal::Resubmitted) => H2rStatus::H2R_INVALID_ARGUMENT,
            SubmitError::UnknownMethod => H2rStatus::H2R_UNKNOWN_METHOD,
        }
    }
}

impl From<Refused> for H2rStatus {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UnknownMethod => H2rStatus::H2R_UNKNOWN_METHOD,
            Refused::TooLarge => H2rStatus::H2R_TOO_LARGE,
            Refused::MayBlock => H2rStatus::H2R_MAY_BLOCK,
        }
    }
}

impl H2rStatus {
    /// An outcome as status and bytes.
    pub fn of(outcome: &Outcome) -> (Self, &[u8]) {
        match outcome {
            Outcome::Answer(Answer { head, tail: Some(_), .. }) => (H2rStatus::H2R_OK_WITH_TAIL, head),
            Outcome::Answer(Answer { head, tail: None, carried }) if carried.is_empty() => (H2rStatus::H2R_OK, head),
            Outcome::Answer(Answer { head, .. }) => (H2rStatus::H2R_OK_REFERRING, head),
            Outcome::Answers(bytes, _) => (H2rStatus::H2R_OK, bytes),
            Outcome::TimedOut => (H2rStatus::H2R_TIMED_OUT, &[]),
            Outcome::Cancelled => (H2rStatus::H2R_CANCELLED, &[]),
            Outcome::Failed(failure, payload) => {
                let status = match failure {
                    Failure::Panicked { .. } => H2rStatus::H2R_PANICKED,
                    Failure::Undecodable { .. } => H2rStatus::H2R_UNDECODABLE,
                    Failure::Unencodable { .. } => H2rStatus::H2R_UNENCODABLE,
                    Failure::AnswerTooLarge { .. } => H2rStatus::H2R_ANSWER_TOO_LARGE,
                    Failure::UnknownMethod { .. } => H2rStatus::H2R_UNKNOWN_METHOD,
                    Failure::Abandoned { .. } => H2rStatus::H2R_ABANDONED,
                    Failure::CastDropped { .. } => H2rStatus::H2R_CAST_DROPPED,
                    Failure::Closed { .. } => H2rStatus::H2R_CLOSED,
                    Failure::Thrown { .. } => H2rStatus::H2R_THROWN,
                    Failure::Overflowed { .. } => H2rStatus::H2R_OVERFLOWED,
                    Failure::StreamFailed { .. } => H2rStatus::H2R_STREAM_FAILED,
                    Failure::ShuttingDown => H2rStatus::H2R_SHUTTING_DOWN,
                };
                (status, payload)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers to a batch have the failures' codes, which Haskell reads as statuses.
    #[test]
    fn a_failure_has_the_code_of_its_status() {
        let text = String::new;
        let all = [
            Failure::Panicked { method: text(), place: text(), message: text() },
            Failure::Undecodable { method: text(), reason: text() },
            Failure::Unencodable { method: text(), reason: text() },
            Failure::AnswerTooLarge { method: text(), size: 2, limit: 1 },
            Failure::UnknownMethod { kind: "call", id: 0 },
            Failure::Abandoned { method: text() },
            Failure::CastDropped { method: text() },
            Failure::Closed { method: text() },
            Failure::Thrown { exception: text(), message: text() },
            Failure::Overflowed { capacity: 1 },
            Failure::StreamFailed { message: text() },
            Failure::ShuttingDown,
        ];
        for failure in all {
            let code = u32::from(failure.code());
            assert_eq!(H2rStatus::of(&failure.clone().into()).0 as u32, code, "{failure:?}");
        }
    }
}

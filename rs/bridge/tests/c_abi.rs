//! The C functions, called from C, with whatever a caller can get wrong.
//!
//! `c/` has the program: a GHC that counts puts and frees, and the scenarios. `engine/` has the engine that is linked
//! with it, built here as a user's would be. Each scenario is a test, and runs in a process of its own, which ends
//! itself after a minute; so one that crashes or hangs fails alone.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Runs a scenario, which must say that it is done.
fn run(scenario: &str) {
    let ended = command(Command::new(program()).arg(scenario));
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said == "done\n", "{}: {said}{}", ended.status, stderr(&ended));
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*
    };
}

scenarios! {
    null_pointers wrong_configs request_lengths no_memory_for_the_request invalid_kinds error_buffers

    echo panic_has_message_and_place unknown_method undecodable_request answer_over_the_limit dropped_token
    late_answer_is_harmless extreme_timeouts submitted_twice wrong_kind_of_slot
    released_before_submission released_while_queued released_while_running released_after_the_end

    full_without_waiter waits_for_room taken_back_while_waiting shutdown_answers_those_that_wait
    notices notices_outlive_shutdown unread_notices_are_bounded

    before_init after_deinit stale_epoch init_twice deinit_twice deinit_with_a_wrong_epoch
    deinit_answers_a_thousand_calls left_behind_is_counted exit_hook_closes_the_door
    threads_that_woke_say_that_they_are_done

    small_arguments small_refusals small_answers small_answers_do_not_mix small_failures small_timeouts
    small_released_while_waiting small_answered_by_shutdown small_casts small_wrong_kind_of_slot

    batch_arguments batch_refusals batch_answers_in_order batch_of_undecodable_requests batch_answers_over_the_limit batch_answers_up_to_the_limit
    batch_answers_have_no_tails malformed_batches empty_batches batch_of_tokens batch_of_tokens_at_shutdown
    batch_cancelled_in_the_middle deinit_in_the_middle_of_a_batch batch_of_casts batch_of_casts_waits_for_room
    shutdown_drops_batches_of_casts

    direct_arguments direct_refusals direct_answers direct_failures nonblocking_methods
    direct_call_of_a_token await_arguments direct_released_without_waiting direct_tokens_at_shutdown
    deinit_waits_for_a_direct_call deinit_leaves_a_direct_call_behind direct_calls_meet_deinit

    tail_arguments large_answers_have_tails tails_over_the_limit lent_bytes_come_back collections_are_due

    trampolines_of_each_signature trampolines_that_fail trampolines_called_after_they_were_dropped
    trampoline_dropped_while_it_runs trampolines_on_eight_threads thousand_trampolines
    trampoline_panics_when_its_thread_has_ended

    eight_threads

    reference_arguments holds_in_every_order released_before_it_is_taken_over closing_is_for_all
    references_in_small_and_direct_answers references_in_batches
    other_kinds_of_references values_on_their_thread closures references_of_a_run_that_is_over
    references_in_a_forked_process references_used_by_many

    event_arguments stream_options events_in_order waiting_for_events readers_that_give_up full_streams
    events_that_refer streams_at_shutdown streams_used_by_many

    callback_arguments function_returns function_throws function_gives_no_result answers_that_are_none
    function_is_cancelled function_times_out functions_and_objects functions_that_nobody_gets
    functions_at_shutdown functions_called_directly functions_of_a_forked_process functions_called_by_many
}

#[test]
fn every_scenario_is_a_test() {
    let listed = command(Command::new(program()).arg("list")).stdout;
    let listed = String::from_utf8(listed).unwrap();
    assert_eq!(listed.lines().collect::<BTreeSet<_>>(), NAMES.iter().copied().collect());
}

/// The linked program.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build)
}

fn build() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"));

    // A folder of its own: the cargo that runs this test may hold the lock of the usual one.
    let target = work.join("abi-test-engine");
    let built = command(
        Command::new(env!("CARGO"))
            .args(["rustc", "--package", "abi-test-engine", "--target-dir"])
            .arg(&target)
            .args(["--", "--print", "native-static-libs"])
            .current_dir(here),
    );
    let text = stderr(&built);
    assert!(built.status.success(), "{text}");
    let libraries =
        text.lines().find_map(|line| line.strip_prefix("note: native-static-libs: ")).expect("rustc lists libraries");
    let archive = target.join("debug/libabi_test_engine.a");

    let mut sources: Vec<_> = std::fs::read_dir(here.join("tests/c"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    sources.sort();

    // Under a runner that gives each test a process, all of them come here. Whoever is first leaves the program for
    // the others, under a name that its inputs decide, and complete from the first moment on.
    let mut hasher = DefaultHasher::new();
    let headers = [here.join("include/rs_in_hs.h"), here.join("tests/c/fixture.h")];
    for input in sources.iter().chain(&headers).chain([&archive]) {
        std::fs::read(input).unwrap().hash(&mut hasher);
    }
    let program = work.join(format!("c-abi-{:016x}", hasher.finish()));
    if program.exists() {
        return program;
    }
    let unfinished = work.join(format!("c-abi-{}", std::process::id()));
    let compiled = command(
        Command::new("cc")
            .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-pthread"])
            .arg("-I")
            .arg(here.join("include"))
            .args(&sources)
            .arg(&archive)
            .args(libraries.split_whitespace())
            .arg("-o")
            .arg(&unfinished),
    );
    assert!(compiled.status.success(), "{}", stderr(&compiled));
    std::fs::rename(unfinished, &program).unwrap();
    program
}

fn command(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

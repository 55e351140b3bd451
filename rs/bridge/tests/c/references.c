/* What messages refer to: who holds it, and for how long. */
#include "fixture.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing is known by this number. */
static void closed(uint64_t epoch, uint64_t reference) {
    CHECK_EQUAL(h2r_claim(reference), H2R_CLOSED);
    CHECK_EQUAL(h2r_close(reference), H2R_CLOSED);
    H2rSlot *slot = request_numbers(epoch, "number", &reference, 1);
    CHECK_EQUAL(h2r_hold(slot, reference), H2R_CLOSED);
    waiter_await(call(epoch, slot));
    size_t len = 0;
    const uint8_t *bytes = result(slot, H2R_CLOSED, &len);
    CHECK(field(bytes, "number") == bytes + len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    forget(reference);
}

static void reference_arguments(void) {
    CHECK_EQUAL(h2r_claim(1), H2R_CLOSED);
    CHECK_EQUAL(h2r_close(1), H2R_CLOSED);
    CHECK_EQUAL(h2r_hold(NULL, 1), H2R_INVALID_ARGUMENT);
    CHECK(h2r_forget_hook() != NULL);
    h2r_forget_hook()(NULL);
    uint64_t epoch = start(usual);
    CHECK_EQUAL(h2r_hold(NULL, 1), H2R_INVALID_ARGUMENT);
    const uint64_t unknown[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, (uint64_t)1 << 63};
    for (size_t at = 0; at < sizeof unknown / sizeof *unknown; at++) {
        closed(epoch, unknown[at]);
    }
    finish(epoch);
}

/* The answer, a value that was taken over, and a request: whichever lets go last has the thing dropped. */
static void holds_in_every_order(void) {
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    uint64_t epoch = start(usual);
    for (uint64_t order = 0; order < 6; order++) {
        uint64_t number = 40 + order;
        H2rSlot *answer = call_numbers(epoch, "thing", &number, 1);
        size_t len = 0;
        uint64_t reference = get_u64(result(answer, H2R_OK_REFERRING, &len));
        CHECK_EQUAL(len, 8);
        CHECK_EQUAL(h2r_claim(reference), H2R_OK);
        H2rSlot *unsent = request_numbers(epoch, "number", &reference, 1);
        CHECK_EQUAL(h2r_hold(unsent, reference), H2R_OK);
        for (int at = 0; at < 3; at++) {
            CHECK_EQUAL(number_of(epoch, reference), number);
            CHECK_EQUAL(fixture_dropped(), order);
            CHECK_EQUAL(stats().objects, 1);
            switch (orders[order][at]) {
            case 0:
                CHECK_EQUAL(h2r_release(answer), H2R_OK);
                break;
            case 1:
                forget(reference);
                break;
            default:
                CHECK_EQUAL(h2r_release(unsent), H2R_OK);
            }
        }
        CHECK(fixture_await_dropped(order + 1));
        closed(epoch, reference);
    }
    finish(epoch);
}

static void released_before_it_is_taken_over(void) {
    uint64_t epoch = start(usual), number = 1;
    H2rSlot *answer = call_numbers(epoch, "thing", &number, 1);
    size_t len = 0;
    uint64_t reference = get_u64(result(answer, H2R_OK_REFERRING, &len));
    CHECK_EQUAL(h2r_release(answer), H2R_OK);
    CHECK(fixture_await_dropped(1));
    closed(epoch, reference);
    /* The caller has gone before there is an answer. */
    H2rSlot *unread = request_numbers(epoch, "thing", &number, 1);
    Waiter *waiter = call(epoch, unread);
    CHECK_EQUAL(h2r_release(unread), H2R_OK);
    CHECK(waiter_fate(waiter) != ALIVE);
    finish(epoch);
}

static void closing_is_for_all(void) {
    uint64_t epoch = start(usual);
    uint64_t reference = open_thing(epoch, "thing", 5);
    for (int more = 0; more < 3; more++) {
        CHECK_EQUAL(h2r_claim(reference), H2R_OK);
    }
    H2rSlot *sent = request_numbers(epoch, "number", &reference, 1);
    CHECK_EQUAL(h2r_hold(sent, reference), H2R_OK);
    CHECK_EQUAL(h2r_close(reference), H2R_OK);
    CHECK(fixture_await_dropped(1));
    closed(epoch, reference);
    size_t len = 0;
    waiter_await(call(epoch, sent));
    result(sent, H2R_CLOSED, &len);
    CHECK_EQUAL(h2r_release(sent), H2R_OK);
    /* The finalizers come all the same, and one too many. */
    for (int again = 0; again < 5; again++) {
        forget(reference);
    }
    finish(epoch);
}

/* These give bytes in the caller's memory, but not where something has to be held for them. */
static void references_in_small_and_direct_answers(void) {
    uint64_t epoch = start(usual);
    uint8_t message[64], buffer[64];
    put_u64(message, 9);
    H2rReply reply = {NULL, 99};
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_submit(epoch, method("thing"), message, 8, H2R_NO_TIMEOUT, waiter, 0, &reply), H2R_OK);
    waiter_await(waiter);
    CHECK_EQUAL(h2r_take(reply.slot, buffer, sizeof buffer, &reply), H2R_OK_REFERRING);
    size_t len = 0;
    uint64_t reference = get_u64(result(reply.slot, H2R_OK_REFERRING, &len));
    CHECK_EQUAL(number_of(epoch, reference), 9);
    CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
    CHECK(fixture_await_dropped(1));
    CHECK_EQUAL(h2r_direct(epoch, method("thing"), message, 8, sizeof message, &reply), H2R_OK_REFERRING);
    CHECK(reply.slot != NULL);
    reference = get_u64(result(reply.slot, H2R_OK_REFERRING, &len));
    CHECK_EQUAL(h2r_claim(reference), H2R_OK);
    CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
    /* And used from there. */
    put_u64(message, reference);
    CHECK_EQUAL(h2r_direct(epoch, method("number"), message, 8, sizeof message, &reply), H2R_OK);
    CHECK(reply.slot == NULL);
    CHECK_EQUAL(get_u64(message), 9);
    forget(reference);
    put_u64(message, reference);
    CHECK_EQUAL(h2r_direct(epoch, method("number"), message, 8, sizeof message, &reply), H2R_CLOSED);
    CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
    finish(epoch);
}

static void references_in_batches(void) {
    uint64_t epoch = start(usual), found[3];
    const uint64_t numbers[] = {7, 8, 9};
    H2rSlot *batch = batch_of(epoch, H2R_CALL, "thing", numbers, 3);
    waiter_await(call(epoch, batch));
    size_t len = 0;
    const uint8_t *at = result(batch, H2R_OK, &len);
    for (int i = 0; i < 3; i++) {
        found[i] = get_u64(next_answer(&at, H2R_OK, &len));
        CHECK_EQUAL(h2r_claim(found[i]), H2R_OK);
    }
    CHECK_EQUAL(h2r_release(batch), H2R_OK);
    CHECK_EQUAL(h2r_close(found[1]), H2R_OK);
    /* Of the requests of one batch the one that refers to what is closed fails. */
    batch = batch_of(epoch, H2R_CALL, "number", found, 3);
    CHECK_EQUAL(h2r_hold(batch, found[0]), H2R_OK);
    CHECK_EQUAL(h2r_hold(batch, found[1]), H2R_CLOSED);
    CHECK_EQUAL(h2r_hold(batch, found[2]), H2R_OK);
    waiter_await(call(epoch, batch));
    at = result(batch, H2R_OK, &len);
    CHECK_EQUAL(get_u64(next_answer(&at, H2R_OK, &len)), 7);
    CHECK(field(next_answer(&at, H2R_CLOSED, &len), "number") != NULL);
    CHECK_EQUAL(get_u64(next_answer(&at, H2R_OK, &len)), 9);
    forget(found[0]);
    forget(found[2]);
    CHECK(fixture_await_dropped(1));
    CHECK_EQUAL(fixture_dropped(), 1);
    CHECK_EQUAL(h2r_release(batch), H2R_OK);
    CHECK(fixture_await_dropped(3));
    finish(epoch);
}

/* A number that stands for something else than is asked for. */
static void other_kinds_of_references(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "other");
    waiter_await(call(epoch, slot));
    size_t len = 0;
    uint64_t other = get_u64(result(slot, H2R_OK_REFERRING, &len)), adder = open_thing(epoch, "adder", 1);
    uint64_t stream = subscribe(epoch, "handed", 1, 0, NULL), thing = open_thing(epoch, "thing", 1);
    const uint64_t not_things[] = {other, adder, stream};
    for (int at = 0; at < 3; at++) {
        H2rSlot *wrong = request_numbers(epoch, "number", &not_things[at], 1);
        CHECK_EQUAL(h2r_hold(wrong, not_things[at]), H2R_OK);
        waiter_await(call(epoch, wrong));
        CHECK(field(result(wrong, H2R_UNDECODABLE, &len), "number") != NULL);
        CHECK_EQUAL(h2r_release(wrong), H2R_OK);
    }
    const uint64_t not_streams[] = {other, adder, thing};
    for (int at = 0; at < 3; at++) {
        H2rSlot *event = NULL;
        uint64_t count = 7;
        Waiter *waiter = waiter_new();
        CHECK_EQUAL(h2r_event(not_streams[at], waiter, 0, &event), H2R_CLOSED);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        CHECK_EQUAL(h2r_forget_reader(not_streams[at]), H2R_CLOSED);
        CHECK_EQUAL(h2r_dropped(not_streams[at], &count), H2R_CLOSED);
        CHECK(event == NULL && count == 7);
    }
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    forget(adder);
    CHECK_EQUAL(h2r_close(stream), H2R_OK);
    fixture_end_stream(false);
    /* The thing is left to shutdown. */
    finish(epoch);
    CHECK_EQUAL(fixture_dropped(), 1);
}

static void values_on_their_thread(void) {
    uint64_t epoch = start(usual), homes[2];
    for (int at = 0; at < 2; at++) {
        homes[at] = open_thing(epoch, "home", 10 * at);
    }
    size_t len = 0;
    for (uint64_t time = 0; time < 3; time++) {
        for (int at = 0; at < 2; at++) {
            H2rSlot *slot = call_numbers(epoch, "home_up", &homes[at], 1);
            CHECK_EQUAL(get_u64(result(slot, H2R_OK, &len)), 10 * at + time);
            CHECK_EQUAL(h2r_release(slot), H2R_OK);
        }
    }
    forget(homes[0]);
    CHECK_EQUAL(h2r_close(homes[1]), H2R_OK);
    forget(homes[1]);
    finish(epoch);
}

static void closures(void) {
    uint64_t epoch = start(usual), adder = open_thing(epoch, "adder", 30);
    size_t len = 0;
    for (uint64_t number = 0; number < 3; number++) {
        const uint64_t request[] = {adder, number};
        H2rSlot *slot = call_numbers(epoch, "rs-in-hs.apply", request, 2);
        CHECK_EQUAL(get_u64(result(slot, H2R_OK, &len)), 30 + number);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
    }
    CHECK_EQUAL(stats().closures, 1);
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "bomb");
    waiter_await(call(epoch, slot));
    uint64_t bomb = get_u64(result(slot, H2R_OK_REFERRING, &len));
    H2rSlot *burst = call_numbers(epoch, "rs-in-hs.apply", &bomb, 1);
    CHECK(field(result(burst, H2R_PANICKED, &len), "rs-in-hs.apply") != NULL);
    CHECK_EQUAL(h2r_release(burst), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_close(adder), H2R_OK);
    const uint64_t request[] = {adder, 1};
    slot = call_numbers(epoch, "rs-in-hs.apply", request, 2);
    CHECK(field(result(slot, H2R_CLOSED, &len), "rs-in-hs.apply") != NULL);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    slot = call_numbers(epoch, "rs-in-hs.apply", NULL, 0);
    result(slot, H2R_UNDECODABLE, &len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void references_of_a_run_that_is_over(void) {
    uint64_t epoch = start(usual), old = open_thing(epoch, "thing", 1);
    H2rSlot *held = request_numbers(epoch, "number", &old, 1);
    CHECK_EQUAL(h2r_hold(held, old), H2R_OK);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK_EQUAL(fixture_dropped(), 1);
    CHECK_EQUAL(stats().objects, 0);
    CHECK_EQUAL(h2r_claim(old), H2R_CLOSED);
    CHECK_EQUAL(h2r_close(old), H2R_CLOSED);
    CHECK_EQUAL(h2r_hold(held, old), H2R_CLOSED);
    uint64_t next = start(usual), young = open_thing(next, "thing", 2);
    CHECK(young > old);
    closed(next, old);
    size_t len = 0;
    waiter_await(call(next, held));
    result(held, H2R_CLOSED, &len);
    CHECK_EQUAL(h2r_release(held), H2R_OK);
    forget(old);
    CHECK_EQUAL(number_of(next, young), 2);
    forget(young);
    finish(next);
}

/* It has none of the runtime's threads: nothing blocks there, and nothing is known. */
static void references_in_a_forked_process(void) {
    uint64_t epoch = start(usual), thing = open_thing(epoch, "thing", 4), number = 5;
    uint64_t stream = subscribe(epoch, "handed", 1, 0, NULL);
    H2rSlot *answer = call_numbers(epoch, "thing", &number, 1);
    H2rSlot *unsent = request_numbers(epoch, "number", &thing, 1);
    CHECK_EQUAL(h2r_hold(unsent, thing), H2R_OK);
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(20);
        H2rSlot *event = NULL;
        uint64_t count = 7;
        CHECK_EQUAL(h2r_claim(thing), H2R_CLOSED);
        CHECK_EQUAL(h2r_hold(unsent, thing), H2R_CLOSED);
        CHECK_EQUAL(h2r_close(thing), H2R_CLOSED);
        CHECK_EQUAL(h2r_event(stream, waiter_new(), 0, &event), H2R_CLOSED);
        CHECK_EQUAL(h2r_forget_reader(stream), H2R_CLOSED);
        CHECK_EQUAL(h2r_dropped(stream, &count), H2R_CLOSED);
        forget(thing);
        forget(stream);
        CHECK_EQUAL(h2r_release(unsent), H2R_OK);
        CHECK_EQUAL(h2r_release(answer), H2R_OK);
        CHECK_EQUAL(fixture_dropped(), 0);
        _exit(0);
    }
    int status = 1;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    /* Of all that this process has noticed nothing. */
    CHECK_EQUAL(number_of(epoch, thing), 4);
    CHECK_EQUAL(h2r_release(unsent), H2R_OK);
    CHECK_EQUAL(h2r_release(answer), H2R_OK);
    forget(thing);
    forget(stream);
    fixture_end_stream(false);
    finish(epoch);
}

enum { THREADS = 4, ROUNDS = 500 };

static uint64_t shared_epoch;
static _Atomic uint64_t shared_thing, opened;

/* Each takes over, uses, closes and forgets what is there; and puts another thing in its place now and then. */
static void *use(void *ignored) {
    (void)ignored;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t thing = atomic_load(&shared_thing);
        H2rSlot *slot = request_numbers(shared_epoch, "number", &thing, 1);
        if (h2r_claim(thing) == H2R_OK) {
            H2rStatus held = h2r_hold(slot, thing);
            CHECK(held == H2R_OK || held == H2R_CLOSED);
            waiter_await(call(shared_epoch, slot));
            const uint8_t *bytes = NULL;
            size_t len = 0;
            H2rStatus status = h2r_result(slot, &bytes, &len);
            CHECK(status == H2R_CLOSED || (status == H2R_OK && get_u64(bytes) == 11));
            forget(thing);
        }
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        if (round % 8 == 0) {
            H2rStatus status = h2r_close(thing);
            CHECK(status == H2R_OK || status == H2R_CLOSED);
            if (status == H2R_OK) {
                /* Whoever closes it has it no longer; the next one is for all. */
                uint64_t next = open_thing(shared_epoch, "thing", 11);
                atomic_fetch_add(&opened, 1);
                atomic_store(&shared_thing, next);
            }
        }
    }
    return NULL;
}

static void references_used_by_many(void) {
    pthread_t threads[THREADS];
    Settings settings = usual;
    settings.workers = 2;
    settings.queue_capacity = 64;
    shared_epoch = start(settings);
    atomic_store(&shared_thing, open_thing(shared_epoch, "thing", 11));
    for (int at = 0; at < THREADS; at++) {
        CHECK_EQUAL(pthread_create(&threads[at], NULL, use, NULL), 0);
    }
    for (int at = 0; at < THREADS; at++) {
        CHECK_EQUAL(pthread_join(threads[at], NULL), 0);
    }
    forget(atomic_load(&shared_thing));
    CHECK(fixture_await_dropped(atomic_load(&opened) + 1));
    finish(shared_epoch);
    CHECK_EQUAL(fixture_dropped(), atomic_load(&opened) + 1);
}

const Scenario references[] = {
    {"reference_arguments", reference_arguments},
    {"holds_in_every_order", holds_in_every_order},
    {"released_before_it_is_taken_over", released_before_it_is_taken_over},
    {"closing_is_for_all", closing_is_for_all},
    {"references_in_small_and_direct_answers", references_in_small_and_direct_answers},
    {"references_in_batches", references_in_batches},
    {"other_kinds_of_references", other_kinds_of_references},
    {"values_on_their_thread", values_on_their_thread},
    {"closures", closures},
    {"references_of_a_run_that_is_over", references_of_a_run_that_is_over},
    {"references_in_a_forked_process", references_in_a_forked_process},
    {"references_used_by_many", references_used_by_many},
    {NULL, NULL},
};

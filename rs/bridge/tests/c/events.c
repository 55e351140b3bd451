/* Streams, as their subscriber reads them. */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>

enum { WAIT = 0, DROP_OLDEST = 1, DROP_NEWEST = 2, FAIL = 3 };

/* Takes what there is now, with this status; the waiter of one that is to wait. */
static H2rSlot *take_event(uint64_t stream, H2rStatus expected, Waiter **waits) {
    H2rSlot *event = NULL;
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_event(stream, waiter, 2, &event), expected);
    CHECK_EQUAL(waiter_fate(waiter), expected == H2R_WAIT ? ALIVE : FREED);
    CHECK((event != NULL) == (expected == H2R_OK));
    if (waits != NULL) {
        *waits = waiter;
    }
    return event;
}

/* The next event is this number. */
static void read_number(uint64_t stream, uint64_t expected) {
    H2rSlot *event = take_event(stream, H2R_OK, NULL);
    size_t len = 0;
    CHECK_EQUAL(get_u64(result(event, H2R_OK, &len)), expected);
    CHECK_EQUAL(len, 8);
    CHECK_EQUAL(h2r_release(event), H2R_OK);
}

static uint64_t dropped(uint64_t stream) {
    uint64_t count = 99;
    CHECK_EQUAL(h2r_dropped(stream, &count), H2R_OK);
    return count;
}

static void close_stream(uint64_t stream) {
    CHECK_EQUAL(h2r_close(stream), H2R_OK);
    take_event(stream, H2R_CLOSED, NULL);
    CHECK_EQUAL(h2r_forget_reader(stream), H2R_CLOSED);
    CHECK_EQUAL(h2r_dropped(stream, &(uint64_t){0}), H2R_CLOSED);
    CHECK_EQUAL(h2r_close(stream), H2R_CLOSED);
    CHECK_EQUAL(fixture_send(1), NOBODY);
}

static void event_arguments(void) {
    uint64_t epoch = start(usual), stream = subscribe(epoch, "handed", 1, WAIT, NULL);
    const uint64_t numbers[] = {stream, 0, stream + 1, UINT64_MAX};
    for (int at = 0; at < 4; at++) {
        H2rSlot *event = NULL;
        CHECK_EQUAL(h2r_event(numbers[at], NULL, 0, &event), H2R_INVALID_ARGUMENT);
        Waiter *waiter = waiter_new();
        CHECK_EQUAL(h2r_event(numbers[at], waiter, 0, NULL), H2R_INVALID_ARGUMENT);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        CHECK_EQUAL(h2r_dropped(numbers[at], NULL), H2R_INVALID_ARGUMENT);
        if (at > 0) {
            uint64_t count = 7;
            take_event(numbers[at], H2R_CLOSED, NULL);
            CHECK_EQUAL(h2r_forget_reader(numbers[at]), H2R_CLOSED);
            CHECK_EQUAL(h2r_dropped(numbers[at], &count), H2R_CLOSED);
            CHECK_EQUAL(count, 7);
        }
    }
    close_stream(stream);
    forget(stream);
    fixture_end_stream(false);
    finish(epoch);
}

static void stream_options(void) {
    uint64_t epoch = start(usual);
    static const struct {
        uint64_t capacity;
        uint8_t overflow;
    } wrong[] = {{0, WAIT}, {1048577, WAIT}, {UINT64_MAX, FAIL}, {1, 4}, {1, 255}};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        H2rSlot *slot = NULL;
        uint8_t *body = NULL;
        CHECK_EQUAL(h2r_request(epoch, H2R_CALL, fixture_stream("handed"), 9, H2R_NO_TIMEOUT, &slot, &body), H2R_OK);
        put_u64(body, wrong[at].capacity);
        body[8] = wrong[at].overflow;
        waiter_await(call(epoch, slot));
        size_t len = 0;
        CHECK(field(result(slot, H2R_UNDECODABLE, &len), "Streams.handed") != NULL);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(stats().subscriptions, 0);
    }
    close_stream(subscribe(epoch, "handed", 1048576, FAIL, NULL));
    fixture_end_stream(false);
    finish(epoch);
}

static void events_in_order(void) {
    uint64_t epoch = start(usual), to = 20;
    uint64_t stream = subscribe(epoch, "count", 2, WAIT, &to);
    for (uint64_t number = 0; number < to; number++) {
        for (;;) {
            H2rSlot *event = NULL;
            Waiter *waiter = waiter_new();
            H2rStatus status = h2r_event(stream, waiter, 2, &event);
            if (status == H2R_WAIT) {
                waiter_await(waiter);
                continue;
            }
            size_t len = 0;
            CHECK_EQUAL(status, H2R_OK);
            CHECK_EQUAL(get_u64(result(event, H2R_OK, &len)), number);
            CHECK_EQUAL(h2r_release(event), H2R_OK);
            break;
        }
    }
    H2rSlot *none = NULL;
    for (;;) {
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_event(stream, waiter, 2, &none);
        if (status != H2R_WAIT) {
            CHECK_EQUAL(status, H2R_ENDED);
            break;
        }
        waiter_await(waiter);
    }
    take_event(stream, H2R_ENDED, NULL);
    forget(stream);
    take_event(stream, H2R_CLOSED, NULL);
    finish(epoch);
}

/* An event, a failure, the end and closing wake whoever waits, on its capability. */
static void waiting_for_events(void) {
    uint64_t epoch = start(usual);
    for (int end = 0; end < 4; end++) {
        uint64_t stream = subscribe(epoch, "handed", 1, WAIT, NULL);
        Waiter *waiter = NULL;
        take_event(stream, H2R_WAIT, &waiter);
        CHECK_EQUAL(stats().stable_ptrs, 1);
        if (end == 0) {
            CHECK_EQUAL(fixture_send(6), SENT);
        } else if (end < 3) {
            fixture_end_stream(end == 1);
        } else {
            CHECK_EQUAL(h2r_close(stream), H2R_OK);
        }
        CHECK_EQUAL(waiter_fate(waiter), PUT);
        CHECK_EQUAL(waiter_capability(waiter), 2);
        CHECK_EQUAL(stats().stable_ptrs, 0);
        if (end == 0) {
            read_number(stream, 6);
            fixture_end_stream(true);
        }
        if (end < 2) {
            H2rSlot *failure = take_event(stream, H2R_OK, NULL);
            size_t len = 0;
            const uint8_t *bytes = result(failure, H2R_STREAM_FAILED, &len);
            CHECK(field(bytes, "the fixture gives up") == bytes + len);
            CHECK_EQUAL(h2r_release(failure), H2R_OK);
        }
        if (end < 3) {
            take_event(stream, H2R_ENDED, NULL);
            close_stream(stream);
        } else {
            fixture_end_stream(false);
        }
        forget(stream);
    }
    finish(epoch);
}

/* The later one takes the earlier one's place; one that gives up is freed; neither takes an event with it. */
static void readers_that_give_up(void) {
    uint64_t epoch = start(usual), stream = subscribe(epoch, "handed", 2, WAIT, NULL);
    Waiter *first = NULL, *second = NULL;
    CHECK_EQUAL(h2r_forget_reader(stream), H2R_OK);
    take_event(stream, H2R_WAIT, &first);
    take_event(stream, H2R_WAIT, &second);
    CHECK_EQUAL(waiter_fate(first), ALIVE);
    CHECK_EQUAL(waiter_fate(second), ALIVE);
    /* Both look again: one may have been woken for what it did not take. */
    CHECK_EQUAL(h2r_forget_reader(stream), H2R_OK);
    CHECK_EQUAL(waiter_fate(first), PUT);
    CHECK_EQUAL(waiter_fate(second), PUT);
    CHECK_EQUAL(h2r_forget_reader(stream), H2R_OK);
    CHECK_EQUAL(fixture_send(1), SENT);
    take_event(stream, H2R_OK, NULL);
    take_event(stream, H2R_WAIT, &first);
    CHECK_EQUAL(fixture_send(2), SENT);
    /* It was used already. */
    CHECK_EQUAL(h2r_forget_reader(stream), H2R_OK);
    CHECK_EQUAL(waiter_fate(first), PUT);
    read_number(stream, 2);
    /* The event that was taken and not released is its reader's, also after the stream has gone. */
    CHECK_EQUAL(stats().live_slots, 1);
    close_stream(stream);
    fixture_end_stream(false);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK_EQUAL(stats().live_slots, 1);
}

static void full_streams(void) {
    uint64_t epoch = start(usual);
    for (uint8_t overflow = WAIT; overflow <= FAIL; overflow++) {
        uint64_t stream = subscribe(epoch, "handed", 2, overflow, NULL), before = stats().events_dropped;
        CHECK_EQUAL(fixture_send(0), SENT);
        CHECK_EQUAL(fixture_send(1), SENT);
        static const uint64_t found[] = {NO_ROOM, SENT, SENT, NOBODY};
        CHECK_EQUAL(fixture_send(2), found[overflow]);
        bool drops = overflow == DROP_OLDEST || overflow == DROP_NEWEST;
        CHECK_EQUAL(dropped(stream), drops ? 1 : 0);
        CHECK_EQUAL(stats().events_dropped, before + (drops ? 1 : 0));
        read_number(stream, overflow == DROP_OLDEST ? 1 : 0);
        read_number(stream, overflow == DROP_OLDEST ? 2 : 1);
        if (overflow == FAIL) {
            H2rSlot *failure = take_event(stream, H2R_OK, NULL);
            size_t len = 0;
            CHECK_EQUAL(get_u64(result(failure, H2R_OVERFLOWED, &len)), 2);
            CHECK_EQUAL(len, 8);
            CHECK_EQUAL(h2r_release(failure), H2R_OK);
            take_event(stream, H2R_ENDED, NULL);
            CHECK_EQUAL(fixture_send(3), NOBODY);
        } else {
            CHECK_EQUAL(fixture_send(3), SENT);
            read_number(stream, 3);
        }
        close_stream(stream);
        forget(stream);
        fixture_end_stream(false);
    }
    finish(epoch);
}

static void events_that_refer(void) {
    uint64_t epoch = start(usual), to = 10;
    uint64_t stream = subscribe(epoch, "things", 3, WAIT, &to);
    H2rSlot *event = NULL;
    for (;;) {
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_event(stream, waiter, 2, &event);
        if (status != H2R_WAIT) {
            CHECK_EQUAL(status, H2R_OK);
            break;
        }
        waiter_await(waiter);
    }
    size_t len = 0;
    uint64_t thing = get_u64(result(event, H2R_OK_REFERRING, &len));
    CHECK_EQUAL(h2r_claim(thing), H2R_OK);
    CHECK_EQUAL(h2r_release(event), H2R_OK);
    close_stream(stream);
    /* Those that nobody has read go with the stream. */
    CHECK_EQUAL(number_of(epoch, thing), 0);
    forget(thing);
    forget(stream);
    finish(epoch);
    CHECK_EQUAL(stats().objects, 0);
}

/* One that waits, one that is full, one whose producer waits, and one that nobody has taken over. */
static void streams_at_shutdown(void) {
    uint64_t epoch = start(usual), to = 1000000;
    uint64_t full = subscribe(epoch, "handed", 1, WAIT, NULL);
    CHECK_EQUAL(fixture_send(1), SENT);
    uint64_t waits = subscribe(epoch, "handed", 1, WAIT, NULL), fed = subscribe(epoch, "count", 1, WAIT, &to);
    Waiter *waiter = NULL;
    take_event(waits, H2R_WAIT, &waiter);
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
    take_event(full, H2R_CLOSED, NULL);
    take_event(waits, H2R_CLOSED, NULL);
    take_event(fed, H2R_CLOSED, NULL);
    CHECK_EQUAL(fixture_send(2), NOBODY);
    /* The engine has its end still, through the next run. */
    uint64_t next = start(usual);
    CHECK_EQUAL(fixture_send(3), NOBODY);
    fixture_end_stream(true);
    forget(full);
    forget(waits);
    while (stats().subscriptions > 0) {
        sched_yield();
    }
    finish(next);
}

enum { ROUNDS = 300 };

static uint64_t shared_stream;
static _Atomic bool is_over;

/* Gives up, again and again, what the reader waits with. */
static void *give_up(void *ignored) {
    (void)ignored;
    while (!atomic_load(&is_over)) {
        H2rStatus status = h2r_forget_reader(shared_stream);
        CHECK(status == H2R_OK || status == H2R_CLOSED);
        uint64_t count = 0;
        status = h2r_dropped(shared_stream, &count);
        CHECK(status == H2R_OK || status == H2R_CLOSED);
        sched_yield();
    }
    return NULL;
}

static void *close_it(void *ignored) {
    (void)ignored;
    CHECK_EQUAL(h2r_close(shared_stream), H2R_OK);
    return NULL;
}

/* One reads, one gives the reading up, one closes, and the producer sends, in whatever order they come. */
static void streams_used_by_many(void) {
    Settings settings = usual;
    settings.workers = 2;
    uint64_t epoch = start(settings);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t to = round % 50;
        shared_stream = subscribe(epoch, "count", 1 + round % 3, round % 4, &to);
        atomic_store(&is_over, false);
        pthread_t giving_up, closing;
        CHECK_EQUAL(pthread_create(&giving_up, NULL, give_up, NULL), 0);
        bool closes = round % 2 == 0;
        if (closes) {
            CHECK_EQUAL(pthread_create(&closing, NULL, close_it, NULL), 0);
        }
        uint64_t last = 0;
        for (H2rStatus status = H2R_OK; status != H2R_ENDED && status != H2R_CLOSED;) {
            H2rSlot *event = NULL;
            Waiter *waiter = waiter_new();
            status = h2r_event(shared_stream, waiter, 0, &event);
            if (status == H2R_OK) {
                const uint8_t *bytes = NULL;
                size_t len = 0;
                if (h2r_result(event, &bytes, &len) == H2R_OK) {
                    CHECK(get_u64(bytes) >= last);
                    last = get_u64(bytes);
                }
                CHECK_EQUAL(h2r_release(event), H2R_OK);
            } else if (status == H2R_WAIT) {
                while (waiter_fate(waiter) == ALIVE) {
                    sched_yield();
                }
            }
        }
        atomic_store(&is_over, true);
        CHECK_EQUAL(pthread_join(giving_up, NULL), 0);
        if (closes) {
            CHECK_EQUAL(pthread_join(closing, NULL), 0);
        }
        forget(shared_stream);
    }
    while (stats().subscriptions > 0) {
        sched_yield();
    }
    finish(epoch);
}

const Scenario events[] = {
    {"event_arguments", event_arguments},
    {"stream_options", stream_options},
    {"events_in_order", events_in_order},
    {"waiting_for_events", waiting_for_events},
    {"readers_that_give_up", readers_that_give_up},
    {"full_streams", full_streams},
    {"events_that_refer", events_that_refer},
    {"streams_at_shutdown", streams_at_shutdown},
    {"streams_used_by_many", streams_used_by_many},
    {NULL, NULL},
};

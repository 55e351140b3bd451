/* Answers whose last bytes stay where Rust has them. */
#include "fixture.h"

/* From so many bytes on. */
enum { TAIL = 16 << 10 };

static const Settings large = {
    .max_msg_len = (uint64_t)65 << 20, .queue_capacity = 4, .workers = 1, .shutdown_limit = 10000000};

/* The end of a call for so many bytes. */
static H2rSlot *call_for(uint64_t epoch, const char *name, uint64_t count) {
    uint8_t bytes[8];
    put_u64(bytes, count);
    H2rSlot *slot = request(epoch, H2R_CALL, name, bytes, 8, H2R_NO_TIMEOUT);
    waiter_await(call(epoch, slot));
    return slot;
}

/* The answer is right, and its last bytes are a piece of their own. */
static const uint8_t *check_tail(const H2rSlot *slot, uint64_t count) {
    size_t len = 0;
    CHECK_EQUAL(get_u64(result(slot, H2R_OK_WITH_TAIL, &len)), count);
    CHECK_EQUAL(len, 8);
    const uint8_t *bytes = NULL;
    CHECK_EQUAL(h2r_tail(slot, &bytes, &len), H2R_OK);
    CHECK_EQUAL(len, count);
    for (uint64_t at = 0; at < count; at++) {
        CHECK_EQUAL(bytes[at], (uint8_t)(at * 7));
    }
    return bytes;
}

static void expect_no_tail(const H2rSlot *slot) {
    const uint8_t *bytes = NULL;
    size_t len = 99;
    CHECK_EQUAL(h2r_tail(slot, &bytes, &len), H2R_INVALID_ARGUMENT);
    CHECK(bytes == NULL);
    CHECK_EQUAL(len, 99);
}

static void tail_arguments(void) {
    uint64_t epoch = start(large);
    H2rSlot *slot = call_for(epoch, "bytes", 40000);
    const uint8_t *bytes = NULL;
    size_t len = 0;
    uint32_t due = 99;
    CHECK_EQUAL(h2r_tail(NULL, &bytes, &len), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_tail(slot, NULL, &len), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_tail(slot, &bytes, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_lend(NULL, &due), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_lend(slot, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(due, 99);
    CHECK_EQUAL(stats().lent_bytes, 0);
    h2r_let_go_hook()(NULL, NULL);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    /* None of these has one. */
    slot = request_unit(epoch, H2R_CALL, "panic");
    expect_no_tail(slot);
    waiter_await(call(epoch, slot));
    expect_no_tail(slot);
    CHECK_EQUAL(h2r_lend(slot, &due), H2R_OK);
    CHECK_EQUAL(due, H2R_NOTHING_DUE);
    CHECK_EQUAL(stats().lent_bytes, 0);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void large_answers_have_tails(void) {
    uint64_t epoch = start(large);
    const uint64_t counts[] = {TAIL, TAIL + 1, 100000, 5000000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        H2rSlot *slot = call_for(epoch, "bytes", counts[i]);
        CHECK(check_tail(slot, counts[i]) == check_tail(slot, counts[i]));
        /* It does not come to a buffer, however large that is. */
        static uint8_t buffer[200000];
        H2rReply reply = {NULL, 99};
        CHECK_EQUAL(h2r_take(slot, buffer, sizeof buffer, &reply), H2R_OK_WITH_TAIL);
        CHECK(reply.slot == slot);
        CHECK_EQUAL(reply.len, 0);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);

        put_u64(buffer, counts[i]);
        CHECK_EQUAL(h2r_direct(epoch, method("bytes"), buffer, 8, sizeof buffer, &reply), H2R_OK_WITH_TAIL);
        check_tail(reply.slot, counts[i]);
        CHECK_EQUAL(h2r_release(reply.slot), H2R_OK);
        CHECK_EQUAL(stats().live_slots, 0);
    }
    H2rSlot *small_one = call_for(epoch, "bytes", TAIL - 1);
    expect_no_tail(small_one);
    size_t len = 0;
    result(small_one, H2R_OK, &len);
    CHECK_EQUAL(len, 8 + TAIL - 1);
    CHECK_EQUAL(h2r_release(small_one), H2R_OK);
    finish(epoch);
}

/* A tail counts to the size of its answer. */
static void tails_over_the_limit(void) {
    Settings settings = large;
    settings.max_msg_len = 40000;
    uint64_t epoch = start(settings);
    H2rSlot *slot = call_for(epoch, "bytes", 40000 - 8);
    check_tail(slot, 40000 - 8);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    slot = call_for(epoch, "bytes", 40000 - 7);
    size_t len = 0;
    const uint8_t *numbers = field(result(slot, H2R_ANSWER_TOO_LARGE, &len), "bytes");
    CHECK_EQUAL(get_u64(numbers), 40001);
    expect_no_tail(slot);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* The finalizer gives them back, and may come at any time. */
static void lent_bytes_come_back(void) {
    uint64_t epoch = start(large);
    uint32_t due = 99;
    H2rSlot *first = call_for(epoch, "bytes", 40000), *second = call_for(epoch, "bytes", 50000);
    CHECK_EQUAL(h2r_lend(first, &due), H2R_OK);
    CHECK_EQUAL(due, H2R_NOTHING_DUE);
    CHECK_EQUAL(stats().lent_bytes, 40000);
    CHECK_EQUAL(h2r_lend(second, &due), H2R_OK);
    CHECK_EQUAL(stats().lent_bytes, 90000);
    h2r_let_go_hook()(first, NULL);
    CHECK_EQUAL(stats().lent_bytes, 50000);
    CHECK_EQUAL(stats().live_slots, 1);

    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    uint8_t *bytes = (uint8_t *)check_tail(second, 50000);
    CHECK_EQUAL(stats().lent_bytes, 50000);
    /* Of the next runtime it is none, and outlives that as well. */
    uint64_t next = start(large);
    CHECK_EQUAL(h2r_deinit(next, NULL), H2R_OK);
    check_tail(second, 50000);
    h2r_let_go_hook()(second, bytes);
    finish(start(usual));
}

/* Every 64 MiB; and of all objects once there are more than 256 MiB. */
static void collections_are_due(void) {
    uint64_t epoch = start(large);
    enum { COUNT = 6 };
    H2rSlot *slots[COUNT];
    for (int i = 0; i < COUNT; i++) {
        slots[i] = call_for(epoch, "zeros", 64 << 20);
        uint32_t due = 99;
        CHECK_EQUAL(h2r_lend(slots[i], &due), H2R_OK);
        CHECK_EQUAL(due, i == 4 ? H2R_MAJOR_DUE : H2R_MINOR_DUE);
    }
    CHECK_EQUAL(stats().lent_bytes, (uint64_t)COUNT << 26);
    for (int i = 0; i < COUNT; i++) {
        h2r_let_go_hook()(slots[i], NULL);
    }
    finish(epoch);
}

const Scenario tails[] = {
    {"tail_arguments", tail_arguments},
    {"large_answers_have_tails", large_answers_have_tails},
    {"tails_over_the_limit", tails_over_the_limit},
    {"lent_bytes_come_back", lent_bytes_come_back},
    {"collections_are_due", collections_are_due},
    {NULL, NULL},
};

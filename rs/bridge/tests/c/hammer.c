/* Eight threads do whatever comes to their minds; in the end every StablePtr was put or freed once. */
#include "fixture.h"

#include <string.h>
#include <pthread.h>
#include <sched.h>

enum { THREADS = 8, OPERATIONS = 28000, HELD = 8, LIMIT = 40000 };

static _Atomic uint64_t current;
static _Atomic uint64_t inits, deinits, answers, refusals, tails_read;

typedef struct {
    int number;
    uint64_t seed;
    /* Slots to be released later. */
    H2rSlot *held[HELD];
} Thread;

/* xorshift64: the same for each run, as far as the scheduler lets it. */
static uint64_t any(Thread *thread, uint64_t below) {
    thread->seed ^= thread->seed << 13;
    thread->seed ^= thread->seed >> 7;
    thread->seed ^= thread->seed << 17;
    return thread->seed % below;
}

static void let_go(Thread *thread, H2rSlot *slot) {
    uint64_t place = any(thread, 2 * HELD);
    if (place < HELD) {
        H2rSlot *before = thread->held[place];
        thread->held[place] = slot;
        slot = before;
    }
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
}

static void do_init(void) {
    uint8_t bytes[CONFIG_LEN];
    char error[100];
    uint64_t epoch = 0;
    config(bytes, (Settings){.max_msg_len = LIMIT, .queue_capacity = 4, .workers = 3, .shutdown_limit = 5000000});
    H2rStatus status = h2r_init(bytes, sizeof bytes, &fake_rts, &epoch, error, sizeof error);
    if (status == H2R_OK) {
        atomic_store(&current, epoch);
        atomic_fetch_add(&inits, 1);
    } else {
        CHECK_EQUAL(status, H2R_ALREADY_RUNNING);
    }
}

static const char *const call_names[] = {"echo", "echo", "increment", "panic", "abandon", "zeros", "bytes", "nobody",
                                         "keep", "increment_by_token", "increment_at_once", "halve"};
static const char *const cast_names[] = {"add", "add", "halve", "panic", "nobody"};
static const uint64_t timeouts[] = {H2R_NO_TIMEOUT, H2R_NO_TIMEOUT, 0, 50, 1000};

static const char *any_name(Thread *thread, uint32_t kind) {
    return kind == H2R_CALL ? call_names[any(thread, sizeof call_names / sizeof *call_names)]
                            : cast_names[any(thread, sizeof cast_names / sizeof *cast_names)];
}

/* How long a request is, that most handlers can read. */
static size_t any_len(Thread *thread, const char *name) {
    if (any(thread, 100) == 0) {
        return LIMIT + 1;
    }
    return strcmp(name, "keep") == 0 ? 0 : any(thread, 3) == 0 ? any(thread, 300) : 8;
}

static void fill(Thread *thread, uint8_t *body, size_t len) {
    memset(body, 0, len);
    if (len >= 8) {
        /* An answer of so many bytes may be too large, or have a tail. */
        put_u64(body, any(thread, 10) == 0 ? any(thread, LIMIT + 1000) : len - 8);
    }
}

/* No runtime runs: not to use the operations up on one that is being stopped by another thread. */
static void run_again(void) {
    sched_yield();
    do_init();
}

static H2rSlot *make(Thread *thread, uint64_t epoch, uint32_t kind, bool *is_kept) {
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    const char *name = any_name(thread, kind);
    *is_kept = strcmp(name, "keep") == 0;
    if (any(thread, 4) == 0) {
        size_t count = any(thread, 6), each = strcmp(name, "keep") == 0 ? 0 : 8;
        H2rStatus status = h2r_batch(epoch, kind, method(name), count, (8 + each) * count, &slot, &body);
        if (status != H2R_OK) {
            CHECK_EQUAL(status, H2R_NOT_RUNNING);
            run_again();
            return NULL;
        }
        for (size_t at = 0; at < count; at++, body += 8 + each) {
            /* Some of them are no batches. */
            put_u64(body, any(thread, 50) == 0 ? any(thread, 100) : each);
            fill(thread, body + 8, each);
        }
        return slot;
    }
    size_t len = any_len(thread, name);
    uint64_t timeout = kind == H2R_CALL ? timeouts[any(thread, sizeof timeouts / sizeof *timeouts)] : H2R_NO_TIMEOUT;
    H2rStatus status = h2r_request(epoch, kind, method(name), len, timeout, &slot, &body);
    if (status != H2R_OK) {
        CHECK(status == H2R_NOT_RUNNING || (status == H2R_TOO_LARGE && len > LIMIT));
        if (status == H2R_NOT_RUNNING) {
            run_again();
        }
        return NULL;
    }
    fill(thread, body, len);
    return slot;
}

/* A call whose tokens are kept has threads that wait answer those of all. */
static void await_end(Waiter *waiter, bool is_kept) {
    while (is_kept && waiter_fate(waiter) == ALIVE) {
        fixture_answer_any(7);
        sched_yield();
    }
    waiter_await(waiter);
}

static void read_all(const uint8_t *bytes, size_t len) {
    for (size_t at = 0; at < len; at++) {
        /* The whole of it is there to be read. */
        (void)*(const volatile uint8_t *)(bytes + at);
    }
}

/* The end of a call that has one. */
static void read_end(Thread *thread, H2rSlot *slot) {
    const uint8_t *bytes = NULL;
    size_t len = 0;
    H2rStatus status = h2r_result(slot, &bytes, &len);
    CHECK(status != H2R_WAIT && status != H2R_CANCELLED);
    read_all(bytes, len);
    if (status == H2R_OK_WITH_TAIL) {
        CHECK_EQUAL(h2r_tail(slot, &bytes, &len), H2R_OK);
        CHECK(len >= 16 << 10);
        read_all(bytes, len);
        uint32_t due = 99;
        if (any(thread, 2) == 0) {
            CHECK_EQUAL(h2r_lend(slot, &due), H2R_OK);
        }
        atomic_fetch_add(&tails_read, 1);
    }
    atomic_fetch_add(&answers, status == H2R_OK);
}

/* Takes what fits in a buffer; gives the slot of what does not. */
static H2rSlot *take(H2rSlot *slot) {
    uint8_t buffer[100];
    H2rReply reply = {NULL, 0};
    H2rStatus status = h2r_take(slot, buffer, sizeof buffer, &reply);
    if (reply.slot == NULL) {
        CHECK_EQUAL(status, H2R_OK);
        CHECK(reply.len <= sizeof buffer);
        atomic_fetch_add(&answers, 1);
    }
    return reply.slot;
}

static void do_call(Thread *thread, uint64_t epoch) {
    bool is_kept;
    H2rSlot *slot = make(thread, epoch, H2R_CALL, &is_kept);
    if (slot == NULL) {
        return;
    }
    Waiter *waiter = waiter_new();
    H2rStatus status = h2r_call(epoch, slot, waiter, thread->number);
    if (status != H2R_OK) {
        CHECK(status == H2R_NOT_RUNNING || status == H2R_SHUTTING_DOWN || status == H2R_UNKNOWN_METHOD);
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        atomic_fetch_add(&refusals, 1);
    } else if (any(thread, 3) != 0) {
        await_end(waiter, is_kept);
        read_end(thread, slot);
        slot = any(thread, 2) == 0 ? take(slot) : slot;
    }
    let_go(thread, slot);
}

static void do_submit(Thread *thread, uint64_t epoch) {
    static const uint8_t zeros[LIMIT + 1];
    const char *name = any_name(thread, H2R_CALL);
    size_t len = any_len(thread, name);
    uint8_t bytes[300];
    if (len <= sizeof bytes) {
        fill(thread, bytes, len);
    }
    Waiter *waiter = waiter_new();
    H2rReply reply = {NULL, 0};
    H2rStatus status =
        h2r_submit(epoch, method(name), len <= sizeof bytes ? bytes : zeros, len,
                   timeouts[any(thread, sizeof timeouts / sizeof *timeouts)], waiter, thread->number, &reply);
    if (status != H2R_OK) {
        CHECK(status == H2R_NOT_RUNNING || status == H2R_SHUTTING_DOWN || status == H2R_UNKNOWN_METHOD ||
              (status == H2R_TOO_LARGE && len > LIMIT));
        CHECK_EQUAL(waiter_fate(waiter), FREED);
        CHECK(reply.slot == NULL);
        if (status == H2R_NOT_RUNNING) {
            run_again();
        }
        return;
    }
    H2rSlot *slot = reply.slot;
    if (any(thread, 3) != 0) {
        await_end(waiter, strcmp(name, "keep") == 0);
        slot = take(slot);
        if (slot != NULL) {
            read_end(thread, slot);
        }
    }
    let_go(thread, slot);
}

static void do_send(Thread *thread, uint64_t epoch) {
    const char *name = any_name(thread, H2R_CAST);
    uint8_t bytes[8];
    fill(thread, bytes, 8);
    H2rStatus status = h2r_send(epoch, method(name), bytes, any(thread, 10) == 0 ? 7 : 8);
    CHECK(status == H2R_OK || status == H2R_FULL || status == H2R_NOT_RUNNING || status == H2R_SHUTTING_DOWN ||
          status == H2R_UNKNOWN_METHOD);
}

static void do_direct(Thread *thread, uint64_t epoch) {
    const char *name = any_name(thread, H2R_CALL);
    uint8_t buffer[300];
    size_t len = strcmp(name, "keep") == 0 ? 0 : any(thread, 10) == 0 ? any(thread, 300) : 8;
    size_t capacity = len + any(thread, sizeof buffer - len + 1);
    bool is_nonblocking = any(thread, 4) == 0;
    fill(thread, buffer, len);
    H2rReply reply = {NULL, 0};
    H2rStatus status =
        (is_nonblocking ? h2r_direct_nonblocking : h2r_direct)(epoch, method(name), buffer, len, capacity, &reply);
    if (reply.slot == NULL) {
        CHECK(status == H2R_OK || status == H2R_NOT_RUNNING || status == H2R_UNKNOWN_METHOD ||
              (status == H2R_MAY_BLOCK && is_nonblocking));
        CHECK(reply.len <= capacity);
        atomic_fetch_add(&answers, status == H2R_OK);
        return;
    }
    if (status == H2R_WAIT && any(thread, 3) != 0) {
        Waiter *waiter = waiter_new();
        status = h2r_await(reply.slot, waiter, thread->number);
        CHECK(status == H2R_OK || status == H2R_WAIT);
        if (status == H2R_OK) {
            CHECK_EQUAL(waiter_fate(waiter), FREED);
        } else {
            await_end(waiter, true);
        }
        read_end(thread, reply.slot);
    }
    let_go(thread, reply.slot);
}

static void do_cast(Thread *thread, uint64_t epoch) {
    bool is_kept;
    H2rSlot *slot = make(thread, epoch, H2R_CAST, &is_kept);
    if (slot == NULL) {
        return;
    }
    if (any(thread, 2) == 0) {
        H2rStatus status = h2r_cast(epoch, slot, NULL, 0);
        CHECK(status == H2R_OK || status == H2R_FULL || status == H2R_NOT_RUNNING || status == H2R_SHUTTING_DOWN ||
              status == H2R_UNKNOWN_METHOD);
    } else {
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_cast(epoch, slot, waiter, thread->number);
        if (status != H2R_WAIT) {
            CHECK(status == H2R_OK || status == H2R_NOT_RUNNING || status == H2R_SHUTTING_DOWN ||
                  status == H2R_UNKNOWN_METHOD);
            CHECK_EQUAL(waiter_fate(waiter), FREED);
        } else if (any(thread, 3) != 0) {
            waiter_await(waiter);
            CHECK(h2r_accepted(slot) != H2R_WAIT);
        }
    }
    let_go(thread, slot);
}

static void do_notice(Thread *thread, uint64_t epoch) {
    H2rSlot *notice = NULL;
    switch (h2r_notice(epoch, waiter_new(), thread->number, &notice)) {
    case H2R_OK: {
        const uint8_t *bytes = NULL;
        size_t len = 0;
        CHECK(h2r_result(notice, &bytes, &len) >= H2R_PANICKED);
        let_go(thread, notice);
        break;
    }
    case H2R_WAIT:
    case H2R_SHUTTING_DOWN:
        CHECK(notice == NULL);
        break;
    default:
        CHECK(!"a status that h2r_notice does not have");
    }
}

static void do_deinit(uint64_t epoch) {
    uint64_t left_behind = 0;
    H2rStatus status = h2r_deinit(epoch, &left_behind);
    if (status == H2R_OK) {
        CHECK_EQUAL(left_behind, 0);
        atomic_fetch_add(&deinits, 1);
    } else {
        CHECK_EQUAL(status, H2R_NOT_RUNNING);
    }
}

static void *run(void *argument) {
    Thread *thread = argument;
    for (int i = 0; i < OPERATIONS; i++) {
        uint64_t epoch = atomic_load(&current), choice = any(thread, 1000);
        if (choice < 2) {
            do_deinit(any(thread, 4) == 0 ? epoch - 1 : epoch);
        } else if (choice < 10) {
            do_init();
        } else if (choice < 300) {
            do_call(thread, epoch);
        } else if (choice < 450) {
            do_submit(thread, epoch);
        } else if (choice < 650) {
            do_direct(thread, epoch);
        } else if (choice < 850) {
            do_cast(thread, epoch);
        } else if (choice < 900) {
            do_send(thread, epoch);
        } else if (choice < 950) {
            do_notice(thread, epoch);
        } else if (choice < 960) {
            fixture_answer_any(7);
        } else {
            stats();
        }
    }
    for (int place = 0; place < HELD; place++) {
        CHECK_EQUAL(h2r_release(thread->held[place]), H2R_OK);
    }
    return NULL;
}

static void eight_threads(void) {
    static Thread threads[THREADS];
    pthread_t handles[THREADS];
    do_init();
    for (int i = 0; i < THREADS; i++) {
        threads[i] = (Thread){.number = i, .seed = 0x9e3779b97f4a7c15u * (uint64_t)(i + 1)};
        CHECK_EQUAL(pthread_create(&handles[i], NULL, run, &threads[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_join(handles[i], NULL), 0);
    }
    do_deinit(atomic_load(&current));
    CHECK_EQUAL(atomic_load(&inits), atomic_load(&deinits));
    CHECK_EQUAL(waiters_alive(), 0);
    while (fixture_tokens() > 0) {
        fixture_answer_any(7);
    }
    /* Of the last runtime, notices that nobody has read may be left: the next one lets them go. */
    do_init();
    finish(atomic_load(&current));
    fprintf(stderr, "%llu inits, %llu answers, %llu tails, %llu refusals\n", (unsigned long long)inits,
            (unsigned long long)answers, (unsigned long long)tails_read, (unsigned long long)refusals);
    CHECK(inits > 10 && answers > 100 && tails_read > 0);
}

const Scenario hammer[] = {
    {"eight_threads", eight_threads},
    {NULL, NULL},
};

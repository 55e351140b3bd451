/* Eight threads do whatever comes to their minds; in the end every StablePtr was put or freed once. */
#include "fixture.h"

#include <string.h>
#include <pthread.h>
#include <sched.h>

enum { THREADS = 8, OPERATIONS = 28000, HELD = 8 };

static _Atomic uint64_t current;
static _Atomic uint64_t inits, deinits, answers, refusals;

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
    config(bytes, (Settings){.max_msg_len = 256, .queue_capacity = 4, .workers = 3, .shutdown_limit = 5000000});
    H2rStatus status = h2r_init(bytes, sizeof bytes, &fake_rts, &epoch, error, sizeof error);
    if (status == H2R_OK) {
        atomic_store(&current, epoch);
        atomic_fetch_add(&inits, 1);
    } else {
        CHECK_EQUAL(status, H2R_ALREADY_RUNNING);
    }
}

static H2rSlot *make(Thread *thread, uint64_t epoch, uint32_t kind) {
    static const char *const calls[] = {"echo", "echo", "increment", "panic", "abandon", "zeros", "nobody"};
    static const char *const casts[] = {"add", "add", "panic", "nobody"};
    static const uint64_t timeouts[] = {H2R_NO_TIMEOUT, H2R_NO_TIMEOUT, 0, 50, 1000};
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    const char *name = kind == H2R_CALL ? calls[any(thread, sizeof calls / sizeof *calls)]
                                        : casts[any(thread, sizeof casts / sizeof *casts)];
    size_t len = any(thread, 3) == 0 ? any(thread, 300) : 8;
    uint64_t timeout = kind == H2R_CALL ? timeouts[any(thread, sizeof timeouts / sizeof *timeouts)] : H2R_NO_TIMEOUT;
    H2rStatus status = h2r_request(epoch, kind, method(name), len, timeout, &slot, &body);
    if (status != H2R_OK) {
        CHECK(status == H2R_NOT_RUNNING || (status == H2R_TOO_LARGE && len > 256));
        if (status == H2R_NOT_RUNNING) {
            /* Not to use the operations up on a runtime that is being stopped by another thread. */
            sched_yield();
            do_init();
        }
        return NULL;
    }
    if (len >= 8) {
        put_u64(body, len - 8);
    }
    return slot;
}

static void do_call(Thread *thread, uint64_t epoch) {
    H2rSlot *slot = make(thread, epoch, H2R_CALL);
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
        waiter_await(waiter);
        const uint8_t *bytes = NULL;
        size_t len = 0;
        status = h2r_result(slot, &bytes, &len);
        CHECK(status != H2R_WAIT && status != H2R_CANCELLED);
        for (size_t at = 0; at < len; at++) {
            /* The whole of it is there to be read. */
            (void)*(const volatile uint8_t *)(bytes + at);
        }
        atomic_fetch_add(&answers, status == H2R_OK);
    }
    let_go(thread, slot);
}

static void do_cast(Thread *thread, uint64_t epoch) {
    H2rSlot *slot = make(thread, epoch, H2R_CAST);
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
        } else if (choice < 500) {
            do_call(thread, epoch);
        } else if (choice < 900) {
            do_cast(thread, epoch);
        } else if (choice < 950) {
            do_notice(thread, epoch);
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
    /* Of the last runtime, notices that nobody has read may be left: the next one lets them go. */
    do_init();
    finish(atomic_load(&current));
    fprintf(stderr, "%llu inits, %llu answers, %llu refusals\n", (unsigned long long)inits,
            (unsigned long long)answers, (unsigned long long)refusals);
    CHECK(inits > 10 && answers > 100);
}

const Scenario hammer[] = {
    {"eight_threads", eight_threads},
    {NULL, NULL},
};

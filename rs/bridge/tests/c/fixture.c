#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

struct Waiter {
    _Atomic int fate;
    int capability;
};

static _Atomic uint64_t alive, done;
/* One for all waiters: only those that wait for a put use it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t was_put = PTHREAD_COND_INITIALIZER;

static void spend(Waiter *waiter, int fate) {
    int before = atomic_exchange(&waiter->fate, fate);
    if (before != ALIVE) {
        fprintf(stderr, "a StablePtr was %s that was %s before\n", fate == PUT ? "put" : "freed",
                before == PUT ? "put" : "freed");
        abort();
    }
    atomic_fetch_sub(&alive, 1);
}

static void try_putmvar(int capability, void *mvar) {
    Waiter *waiter = mvar;
    CHECK(waiter != NULL);
    pthread_mutex_lock(&lock);
    waiter->capability = capability;
    spend(waiter, PUT);
    pthread_cond_broadcast(&was_put);
    pthread_mutex_unlock(&lock);
}

static void free_stable_ptr(void *stable_ptr) {
    CHECK(stable_ptr != NULL);
    spend(stable_ptr, FREED);
}

static void thread_done(void) {
    atomic_fetch_add(&done, 1);
}

const H2rRts fake_rts = {try_putmvar, free_stable_ptr, thread_done};

Waiter *waiter_new(void) {
    Waiter *waiter = calloc(1, sizeof *waiter);
    CHECK(waiter != NULL);
    atomic_fetch_add(&alive, 1);
    return waiter;
}

void waiter_await(Waiter *waiter) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 20;
    pthread_mutex_lock(&lock);
    while (atomic_load(&waiter->fate) == ALIVE) {
        CHECK(pthread_cond_timedwait(&was_put, &lock, &limit) != ETIMEDOUT);
    }
    pthread_mutex_unlock(&lock);
    CHECK_EQUAL(waiter_fate(waiter), PUT);
}

int waiter_fate(const Waiter *waiter) {
    return atomic_load(&waiter->fate);
}

int waiter_capability(const Waiter *waiter) {
    return waiter->capability;
}

uint64_t waiters_alive(void) {
    return atomic_load(&alive);
}

uint64_t threads_done(void) {
    return atomic_load(&done);
}

uint64_t method(const char *name) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name != 0; name++) {
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
    }
    return hash;
}

void put_u64(uint8_t *at, uint64_t number) {
    for (int byte = 0; byte < 8; byte++) {
        at[byte] = (uint8_t)(number >> 8 * byte);
    }
}

uint64_t get_u64(const uint8_t *at) {
    uint64_t number = 0;
    for (int byte = 0; byte < 8; byte++) {
        number |= (uint64_t)at[byte] << 8 * byte;
    }
    return number;
}

const Settings usual = {.max_msg_len = 4096, .queue_capacity = 4, .workers = 1, .shutdown_limit = 10000000};

void config(uint8_t bytes[CONFIG_LEN], Settings settings) {
    memcpy(bytes, "rs-in-h2", 8);
    put_u64(bytes + 8, settings.max_msg_len);
    put_u64(bytes + 16, settings.queue_capacity);
    put_u64(bytes + 24, settings.workers);
    put_u64(bytes + 32, settings.shutdown_limit);
    put_u64(bytes + 40, 0);
}

uint64_t start(Settings settings) {
    uint8_t bytes[CONFIG_LEN];
    char error[200] = "";
    uint64_t epoch = 0;
    config(bytes, settings);
    H2rStatus status = h2r_init(bytes, sizeof bytes, &fake_rts, &epoch, error, sizeof error);
    if (status != H2R_OK) {
        fprintf(stderr, "init: %u, %s\n", (unsigned)status, error);
        abort();
    }
    CHECK(epoch != 0);
    return epoch;
}

void finish(uint64_t epoch) {
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    H2rStats last = stats();
    CHECK_EQUAL(last.live_slots, 0);
    CHECK_EQUAL(last.stable_ptrs, 0);
    CHECK_EQUAL(last.lent_bytes, 0);
    CHECK_EQUAL(last.trampolines, 0);
    CHECK_EQUAL(last.objects + last.closures + last.callbacks + last.subscriptions, 0);
    CHECK_EQUAL(last.calls_queued + last.casts_queued + last.calls_waiting + last.casts_waiting, 0);
    CHECK_EQUAL(last.notices_queued, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

H2rStats stats(void) {
    H2rStats read;
    CHECK_EQUAL(h2r_stats(&read), H2R_OK);
    return read;
}

void await_no_slots(void) {
    time_t limit = time(NULL) + 20;
    while (stats().live_slots > 0) {
        CHECK(time(NULL) < limit);
        sched_yield();
    }
}

H2rSlot *request(uint64_t epoch, uint32_t kind, const char *name, const void *body, size_t len, uint64_t timeout) {
    H2rSlot *slot = NULL;
    uint8_t *place = NULL;
    CHECK_EQUAL(h2r_request(epoch, kind, method(name), len, timeout, &slot, &place), H2R_OK);
    CHECK(slot != NULL);
    for (size_t byte = 0; byte < len; byte++) {
        CHECK_EQUAL(place[byte], 0);
    }
    if (len > 0) {
        memcpy(place, body, len);
    }
    return slot;
}

H2rSlot *request_unit(uint64_t epoch, uint32_t kind, const char *name) {
    return request(epoch, kind, name, NULL, 0, H2R_NO_TIMEOUT);
}

H2rSlot *batch_of(uint64_t epoch, uint32_t kind, const char *name, const uint64_t *numbers, size_t count) {
    H2rSlot *slot = NULL;
    uint8_t *place = NULL;
    CHECK_EQUAL(h2r_batch(epoch, kind, method(name), count, 16 * count, &slot, &place), H2R_OK);
    for (size_t at = 0; at < count; at++) {
        put_u64(place + 16 * at, 8);
        put_u64(place + 16 * at + 8, numbers[at]);
    }
    return slot;
}

H2rSlot *batch_of_units(uint64_t epoch, uint32_t kind, const char *name, size_t count) {
    H2rSlot *slot = NULL;
    uint8_t *place = NULL;
    CHECK_EQUAL(h2r_batch(epoch, kind, method(name), count, 8 * count, &slot, &place), H2R_OK);
    memset(place, 0, 8 * count);
    return slot;
}

const uint8_t *next_answer(const uint8_t **at, H2rStatus expected, size_t *len) {
    CHECK_EQUAL(**at, expected);
    *len = get_u64(*at + 1);
    const uint8_t *bytes = *at + 9;
    *at = bytes + *len;
    return bytes;
}

Waiter *call(uint64_t epoch, const H2rSlot *slot) {
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, slot, waiter, 3), H2R_OK);
    return waiter;
}

Waiter *cast(uint64_t epoch, const H2rSlot *slot, H2rStatus expected) {
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_cast(epoch, slot, waiter, 3), expected);
    return waiter;
}

const uint8_t *result(const H2rSlot *slot, H2rStatus expected, size_t *len) {
    const uint8_t *bytes = NULL;
    CHECK_EQUAL(h2r_result(slot, &bytes, len), expected);
    return bytes;
}

const uint8_t *field(const uint8_t *at, const char *expected) {
    CHECK_EQUAL(get_u64(at), strlen(expected));
    CHECK(memcmp(at + 8, expected, strlen(expected)) == 0);
    return at + 8 + strlen(expected);
}

H2rSlot *call_into_gate(uint64_t epoch, uint64_t arrived, Waiter **waiter) {
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "gate");
    *waiter = call(epoch, slot);
    CHECK(fixture_await_arrived(arrived));
    return slot;
}

H2rSlot *request_numbers(uint64_t epoch, const char *name, const uint64_t *numbers, size_t count) {
    uint8_t body[64];
    CHECK(count <= sizeof body / 8);
    for (size_t at = 0; at < count; at++) {
        put_u64(body + 8 * at, numbers[at]);
    }
    return request(epoch, H2R_CALL, name, body, 8 * count, H2R_NO_TIMEOUT);
}

H2rSlot *call_numbers(uint64_t epoch, const char *name, const uint64_t *numbers, size_t count) {
    H2rSlot *slot = request_numbers(epoch, name, numbers, count);
    waiter_await(call(epoch, slot));
    return slot;
}

static uint64_t claim_answer(H2rSlot *slot) {
    size_t len = 0;
    const uint8_t *bytes = result(slot, H2R_OK_REFERRING, &len);
    CHECK_EQUAL(len, 8);
    uint64_t reference = get_u64(bytes);
    CHECK_EQUAL(h2r_claim(reference), H2R_OK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    return reference;
}

uint64_t open_thing(uint64_t epoch, const char *name, uint64_t number) {
    return claim_answer(call_numbers(epoch, name, &number, 1));
}

void forget(uint64_t reference) {
    h2r_forget_hook()((void *)(uintptr_t)reference);
}

uint64_t number_of(uint64_t epoch, uint64_t reference) {
    H2rSlot *slot = request_numbers(epoch, "number", &reference, 1);
    CHECK_EQUAL(h2r_hold(slot, reference), H2R_OK);
    waiter_await(call(epoch, slot));
    size_t len = 0;
    uint64_t number = get_u64(result(slot, H2R_OK, &len));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    return number;
}

uint64_t subscribe(uint64_t epoch, const char *name, uint64_t capacity, uint8_t overflow, const uint64_t *to) {
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    size_t len = to == NULL ? 9 : 17;
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, fixture_stream(name), len, H2R_NO_TIMEOUT, &slot, &body), H2R_OK);
    put_u64(body, capacity);
    body[8] = overflow;
    if (to != NULL) {
        put_u64(body + 9, *to);
    }
    waiter_await(call(epoch, slot));
    return claim_answer(slot);
}

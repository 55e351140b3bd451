/* Closures of Rust, called as a C library calls what it was given. */
#include "fixture.h"

#include <pthread.h>
#include <stdint.h>

/* What a library of C declares: the context last. */
typedef void (*Visit)(void *context);
typedef int (*Ask)(void *context);
typedef int (*Count)(int number, void *context);
typedef double (*Real)(double x, void *context);
typedef double (*Real2)(double x, double y, void *context);
typedef int (*Bytes)(const uint8_t *bytes, size_t len, void *context);

/* Another: the context first. */
typedef int (*CountFirst)(void *context, int number);
typedef double (*RealFirst)(void *context, double x);
typedef double (*Real2First)(void *context, double x, double y);
typedef int (*BytesFirst)(void *context, const uint8_t *bytes, size_t len);

/* The engine's; see there what they do. */
typedef struct {
    struct { Visit last, first; void *context; } visit;
    struct { Ask last, first; void *context; } ask;
    struct { Count last; CountFirst first; void *context; } count;
    struct { Real last; RealFirst first; void *context; } real;
    struct { Real2 last; Real2First first; void *context; } real2;
    struct { Bytes last; BytesFirst first; void *context; } bytes;
    struct { Count last; CountFirst first; void *context; } waits;
} Pairs;

enum { VISIT, ASK, COUNT, REAL, REAL2, BYTES, WAITS, ALL };
enum { NO_ERROR, PANICKED, FAILED, NO_BYTES, PANICKED_SOMEWHERE };

Pairs fixture_trampolines(void);
void fixture_drop_trampolines(void);
int fixture_trampoline_error(int at);
uint64_t fixture_visits(void);
int fixture_short_lived_trampolines(int number);

static void expect_no_errors(void) {
    for (int at = 0; at < ALL; at++) {
        CHECK_EQUAL(fixture_trampoline_error(at), NO_ERROR);
    }
}

static void trampolines_of_each_signature(void) {
    Pairs all = fixture_trampolines();
    CHECK_EQUAL(stats().trampolines, ALL);
    for (int i = 1; i <= 10; i++) {
        all.visit.last(all.visit.context);
        all.visit.first(all.visit.context);
        CHECK_EQUAL(fixture_visits(), 2 * (uint64_t)i);
        CHECK(all.ask.last(all.ask.context) == 2 * i - 1);
        CHECK(all.ask.first(all.ask.context) == 2 * i - 1);
        CHECK(all.count.last(i, all.count.context) == i + 1);
        CHECK(all.count.first(all.count.context, i) == i + 1);
        CHECK(all.real.last(i + 0.5, all.real.context) == (i + 0.5) / 2);
        CHECK(all.real.first(all.real.context, i + 0.5) == (i + 0.5) / 2);
        CHECK(all.real2.last(i, 0.25, all.real2.context) == i - 0.25);
        CHECK(all.real2.first(all.real2.context, i, 0.25) == i - 0.25);
        const uint8_t bytes[] = {1, (uint8_t)i, 2};
        CHECK(all.bytes.last(bytes, sizeof bytes, all.bytes.context) == i + 3);
        CHECK(all.bytes.first(all.bytes.context, bytes, 2) == i + 1);
    }
    CHECK(all.bytes.last(NULL, 0, all.bytes.context) == 0);
    expect_no_errors();
    fixture_drop_trampolines();
    CHECK_EQUAL(stats().trampolines, 0);
}

static void trampolines_that_fail(void) {
    Pairs all = fixture_trampolines();
    CHECK(all.ask.last(all.ask.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(ASK), PANICKED);
    CHECK(all.count.last(-3, all.count.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(COUNT), PANICKED);
    CHECK(all.count.first(all.count.context, -4) == 0);
    CHECK_EQUAL(fixture_trampoline_error(COUNT), FAILED);
    CHECK(all.real.last(-3, all.real.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(REAL), PANICKED);
    CHECK(all.real2.last(-4, 1, all.real2.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(REAL2), FAILED);
    const uint8_t minus_one = 0xff;
    CHECK(all.bytes.last(&minus_one, 1, all.bytes.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(BYTES), PANICKED);
    /* The closure does not see what are no bytes. */
    CHECK(all.bytes.last(NULL, 1, all.bytes.context) == 0);
    CHECK_EQUAL(fixture_trampoline_error(BYTES), NO_BYTES);
    CHECK(all.bytes.first(all.bytes.context, &minus_one, SIZE_MAX) == 0);
    CHECK_EQUAL(fixture_trampoline_error(BYTES), NO_BYTES);
    /* They go on. */
    CHECK(all.count.last(1, all.count.context) == 2);
    expect_no_errors();
    fixture_drop_trampolines();
}

static void call_dropped(const Pairs *all) {
    const uint8_t byte = 1;
    uint64_t visits = fixture_visits();
    all->visit.last(all->visit.context);
    all->visit.first(all->visit.context);
    CHECK_EQUAL(fixture_visits(), visits);
    CHECK(all->ask.last(all->ask.context) == 0);
    CHECK(all->count.last(7, all->count.context) == 0);
    CHECK(all->count.first(all->count.context, 7) == 0);
    CHECK(all->real.last(7, all->real.context) == 0);
    CHECK(all->real2.first(all->real2.context, 7, 3) == 0);
    CHECK(all->bytes.last(&byte, 1, all->bytes.context) == 0);
    /* Not even the bytes are looked at. */
    CHECK(all->bytes.first(all->bytes.context, NULL, 1) == 0);
}

static void *call_dropped_here(void *all) {
    call_dropped(all);
    return NULL;
}

static void trampolines_called_after_they_were_dropped(void) {
    Pairs all = fixture_trampolines();
    all.visit.last(all.visit.context);
    fixture_drop_trampolines();
    /* New ones do not take their places. */
    Pairs others = fixture_trampolines();
    CHECK(others.count.context != all.count.context);
    call_dropped(&all);
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, call_dropped_here, &all), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    expect_no_errors();
    /* Nor does one signature answer for another. */
    CHECK(others.count.last(7, others.waits.context + 1000) == 0);
    CHECK(others.count.last(7, others.real.context) == 0);
    CHECK(others.real.last(7, NULL) == 0);
    expect_no_errors();
    fixture_drop_trampolines();
}

static void *call_waits(void *all_) {
    const Pairs *all = all_;
    CHECK(all->waits.last(41, all->waits.context) == 42);
    return NULL;
}

static void trampoline_dropped_while_it_runs(void) {
    enum { THREADS = 8 };
    Pairs all = fixture_trampolines();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, call_waits, &all), 0);
    }
    CHECK(fixture_await_arrived(THREADS));
    fixture_drop_trampolines();
    CHECK_EQUAL(stats().trampolines, 0);
    /* This would wait at the gate. */
    CHECK(all.waits.last(41, all.waits.context) == 0);
    fixture_gate(true);
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
}

/* Shared by eight threads, which call until one of them has seen them dropped. */
typedef struct {
    Pairs all;
    _Atomic uint64_t calls;
    atomic_bool gone;
} Shared;

static void *call_while_they_go(void *shared_) {
    Shared *shared = shared_;
    const Pairs *all = &shared->all;
    const uint8_t bytes[] = {3, 4};
    bool gone = false;
    for (int i = 1; !gone; i++) {
        /* Once it is known that they are gone, each call finds them so. */
        gone = atomic_load(&shared->gone);
        int number = all->count.last(i % 1000, all->count.context);
        double x = all->real2.first(all->real2.context, 5, 3);
        int sum = all->bytes.last(bytes, sizeof bytes, all->bytes.context);
        CHECK(number == i % 1000 + 1 || number == 0);
        CHECK(x == 2 || x == 0);
        CHECK(sum == 7 || sum == 0);
        CHECK(!gone || (number == 0 && x == 0 && sum == 0));
        /* One that fails, at the same time. */
        CHECK(all->count.first(all->count.context, -1 - i % 2) == 0);
        /* And others, that come and go. */
        CHECK(fixture_short_lived_trampolines(i % 1000) == 2 * (i % 1000));
        atomic_fetch_add(&shared->calls, 1);
    }
    return NULL;
}

static void trampolines_on_eight_threads(void) {
    enum { THREADS = 8, ROUNDS = 20 };
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        Shared shared = {.all = fixture_trampolines()};
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            CHECK_EQUAL(pthread_create(&threads[i], NULL, call_while_they_go, &shared), 0);
        }
        while (atomic_load(&shared.calls) < 200) {
            sched_yield();
        }
        int error = fixture_trampoline_error(COUNT);
        CHECK(error == PANICKED || error == FAILED);
        fixture_drop_trampolines();
        atomic_store(&shared.gone, true);
        for (int i = 0; i < THREADS; i++) {
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        }
        CHECK_EQUAL(stats().trampolines, 0);
    }
}

static void thousand_trampolines(void) {
    uint64_t epoch = start(usual);
    for (int i = 0; i < 1000; i++) {
        CHECK(fixture_short_lived_trampolines(i) == 2 * i);
    }
    CHECK_EQUAL(stats().trampolines, 0);
    /* They belong to no runtime. */
    Pairs all = fixture_trampolines();
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK(all.count.last(1, all.count.context) == 2);
    fixture_drop_trampolines();
    finish(start(usual));
}

static pthread_key_t key;

static void panic_at_the_end(void *all_) {
    const Pairs *all = all_;
    CHECK(all->count.last(-1, all->count.context) == 0);
}

static void *panic_and_end(void *all_) {
    CHECK_EQUAL(pthread_setspecific(key, all_), 0);
    panic_at_the_end(all_);
    CHECK_EQUAL(fixture_trampoline_error(COUNT), PANICKED);
    return NULL;
}

/* The destructors of C's thread-locals run after those of Rust's. */
static void trampoline_panics_when_its_thread_has_ended(void) {
    Pairs all = fixture_trampolines();
    CHECK_EQUAL(pthread_key_create(&key, panic_at_the_end), 0);
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, panic_and_end, &all), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(fixture_trampoline_error(COUNT), PANICKED_SOMEWHERE);
    fixture_drop_trampolines();
}

const Scenario trampolines[] = {
    {"trampolines_of_each_signature", trampolines_of_each_signature},
    {"trampolines_that_fail", trampolines_that_fail},
    {"trampolines_called_after_they_were_dropped", trampolines_called_after_they_were_dropped},
    {"trampoline_dropped_while_it_runs", trampoline_dropped_while_it_runs},
    {"trampolines_on_eight_threads", trampolines_on_eight_threads},
    {"thousand_trampolines", thousand_trampolines},
    {"trampoline_panics_when_its_thread_has_ended", trampoline_panics_when_its_thread_has_ended},
    {NULL, NULL},
};

/* What the scenarios are written with: a checked world, the engine's strings, and a GHC that counts. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "rs_in_hs.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program, loudly, where the condition does not hold. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The same for two numbers, which are shown. */
#define CHECK_EQUAL(found, expected)                                                                                   \
    do {                                                                                                               \
        unsigned long long found_ = (unsigned long long)(found), expected_ = (unsigned long long)(expected);           \
        if (found_ != expected_) {                                                                                     \
            fprintf(stderr, "%s:%d: %s is %llu, not %llu\n", __FILE__, __LINE__, #found, found_, expected_);           \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The engine of ../engine. */
void fixture_gate(bool open);
bool fixture_await_arrived(uint64_t count);
bool fixture_await_passed(uint64_t count);
bool fixture_await_sum(uint64_t sum);
uint64_t fixture_arrived(void);
uint64_t fixture_adds(void);
bool fixture_await_cancelled(uint64_t count);
bool fixture_await_tokens(uint64_t count);
bool fixture_answer(uint64_t at, uint64_t answer);
bool fixture_drop(uint64_t at);
bool fixture_answer_any(uint64_t answer);
uint64_t fixture_tokens(void);
void fixture_builder_panics(bool panics);
uint64_t fixture_stream(const char *name);
enum { SENT = 0, NO_ROOM = 1, NOBODY = 2 };
uint64_t fixture_send(uint64_t event);
void fixture_end_stream(bool fails);
uint64_t fixture_dropped(void);
bool fixture_await_dropped(uint64_t count);

/* A StablePtr: made alive, then put or freed, once. Its memory stays until the program ends, so that a second use is
   seen and not undefined. */
typedef struct Waiter Waiter;
enum { ALIVE = 0, PUT = 1, FREED = 2 };

Waiter *waiter_new(void);
/* Waits until it was put; a wait of many seconds fails. */
void waiter_await(Waiter *waiter);
/* ALIVE, PUT or FREED. */
int waiter_fate(const Waiter *waiter);
/* The capability that came with the put. */
int waiter_capability(const Waiter *waiter);
/* How many are alive. */
uint64_t waiters_alive(void);
/* How often `hs_thread_done` was called. */
uint64_t threads_done(void);

extern const H2rRts fake_rts;

/* FNV-1a, 64 bits. */
uint64_t method(const char *name);
/* A number as it crosses the boundary: 8 bytes, lowest first. */
void put_u64(uint8_t *at, uint64_t number);
uint64_t get_u64(const uint8_t *at);

/* A configuration. All fields are 64 bits, the limit in microseconds. */
typedef struct {
    uint64_t max_msg_len, queue_capacity, workers, shutdown_limit;
} Settings;

enum { CONFIG_LEN = 48 };
extern const Settings usual;
void config(uint8_t bytes[CONFIG_LEN], Settings settings);

/* Init that succeeds. */
uint64_t start(Settings settings);
/* Deinit that succeeds and leaves nothing behind: no handler, slot, StablePtr. */
void finish(uint64_t epoch);
H2rStats stats(void);
/* Waits until no slot is alive: a handler that was left behind has come back. */
void await_no_slots(void);

/* A filled slot. */
H2rSlot *request(uint64_t epoch, uint32_t kind, const char *name, const void *body, size_t len, uint64_t timeout);
/* The same without a body and without a timeout. */
H2rSlot *request_unit(uint64_t epoch, uint32_t kind, const char *name);
/* A filled slot for a batch of numbers. */
H2rSlot *batch_of(uint64_t epoch, uint32_t kind, const char *name, const uint64_t *numbers, size_t count);
/* The same for requests that have no bytes. */
H2rSlot *batch_of_units(uint64_t epoch, uint32_t kind, const char *name, size_t count);
/* Reads one of the answers to a batch, with this status; gives its bytes. */
const uint8_t *next_answer(const uint8_t **at, H2rStatus expected, size_t *len);
/* Submits a call that is accepted. */
Waiter *call(uint64_t epoch, const H2rSlot *slot);
/* Submits a cast with a waiter, with this result. */
Waiter *cast(uint64_t epoch, const H2rSlot *slot, H2rStatus expected);
/* The result has this status; gives its bytes. */
const uint8_t *result(const H2rSlot *slot, H2rStatus expected, size_t *len);
/* Reads a field of a payload: a text, which must be this; gives what comes after it. */
const uint8_t *field(const uint8_t *at, const char *expected);
/* A call of this method with one number, or two, for a request. */
H2rSlot *request_numbers(uint64_t epoch, const char *name, const uint64_t *numbers, size_t count);
/* The same, which is over. */
H2rSlot *call_numbers(uint64_t epoch, const char *name, const uint64_t *numbers, size_t count);
/* A call with a number that is answered with a reference; which is taken over. */
uint64_t open_thing(uint64_t epoch, const char *name, uint64_t number);
/* What the finalizer does. */
void forget(uint64_t reference);
/* The answer to a call with a number that refers to this. */
uint64_t number_of(uint64_t epoch, uint64_t reference);
/* A subscription to a stream of the engine's; its reference, which is taken over. `to` is its argument, if it has one. */
uint64_t subscribe(uint64_t epoch, const char *name, uint64_t capacity, uint8_t overflow, const uint64_t *to);

/* A call to the handler behind the gate, which has begun: `arrived` says how many have by now. */
H2rSlot *call_into_gate(uint64_t epoch, uint64_t arrived, Waiter **waiter);

typedef struct {
    const char *name;
    void (*run)(void);
} Scenario;

/* Each ends with a scenario without a name. */
extern const Scenario arguments[], calls[], casts[], lifecycle[], small[], batches[], direct[], tails[], trampolines[], hammer[];
extern const Scenario references[], events[], callbacks[];

#endif

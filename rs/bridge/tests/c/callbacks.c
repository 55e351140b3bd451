/* Haskell functions that Rust calls: this program is Haskell, and has them. */
#include "fixture.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* The next thing to do, which is this. */
static H2rSummons summoned(uint64_t epoch, uint32_t kind) {
    for (;;) {
        H2rSummons summons;
        memset(&summons, 0xff, sizeof summons);
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_summons(epoch, waiter, 1, &summons);
        if (status == H2R_OK) {
            CHECK_EQUAL(waiter_fate(waiter), FREED);
            CHECK_EQUAL(summons.kind, kind);
            CHECK((summons.invocation != NULL) == (kind == H2R_RUN));
            return summons;
        }
        CHECK_EQUAL(status, H2R_WAIT);
        waiter_await(waiter);
        CHECK_EQUAL(waiter_capability(waiter), 1);
    }
}

/* There is nothing to do, and the waiter is taken. */
static Waiter *nothing_summoned(uint64_t epoch) {
    H2rSummons summons;
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_summons(epoch, waiter, 1, &summons), H2R_WAIT);
    CHECK_EQUAL(waiter_fate(waiter), ALIVE);
    return waiter;
}

/* A call of this method with a new function, whose number is given, and with a number unless it is left out. */
static H2rSlot *request_with_function(uint64_t epoch, const char *name, const uint64_t *number, uint64_t timeout,
                                      uint64_t *function) {
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, method(name), number == NULL ? 8 : 16, timeout, &slot, &body), H2R_OK);
    CHECK_EQUAL(h2r_offer(epoch, slot, function), H2R_OK);
    CHECK(*function != 0);
    put_u64(body, *function);
    if (number != NULL) {
        put_u64(body + 8, *number);
    }
    return slot;
}

static H2rSlot *ask(uint64_t epoch, uint64_t number, uint64_t timeout, uint64_t *function, Waiter **waiter) {
    H2rSlot *slot = request_with_function(epoch, "ask", &number, timeout, function);
    *waiter = call(epoch, slot);
    return slot;
}

/* The function returns these bytes. */
static void give_back(uint64_t epoch, H2rInvocation *invocation, const void *bytes, size_t len) {
    H2rSlot *written = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, 0, len, H2R_NO_TIMEOUT, &written, &body), H2R_OK);
    memcpy(body, bytes, len);
    CHECK_EQUAL(h2r_answer(invocation, written), H2R_OK);
    CHECK_EQUAL(h2r_release(written), H2R_OK);
    CHECK_EQUAL(h2r_dismiss(invocation), H2R_OK);
}

static void give_back_number(uint64_t epoch, H2rInvocation *invocation, uint64_t number) {
    uint8_t bytes[8];
    put_u64(bytes, number);
    give_back(epoch, invocation, bytes, 8);
}

/* The engine's method has ended with what the function returned. */
static void check_number(Waiter *waiter, H2rSlot *slot, uint64_t expected) {
    waiter_await(waiter);
    size_t len = 0;
    const uint8_t *bytes = result(slot, H2R_OK, &len);
    CHECK_EQUAL(len, 9);
    CHECK_EQUAL(bytes[0], 1);
    CHECK_EQUAL(get_u64(bytes + 1), expected);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
}

/* Or with an error whose text has this in it. */
static void check_error(Waiter *waiter, H2rSlot *slot, const char *expected) {
    waiter_await(waiter);
    size_t len = 0;
    const uint8_t *bytes = result(slot, H2R_OK, &len);
    CHECK_EQUAL(bytes[0], 0);
    char text[200] = "";
    uint64_t text_len = get_u64(bytes + 1);
    CHECK(text_len == len - 9 && text_len < sizeof text);
    memcpy(text, bytes + 9, text_len);
    if (strstr(text, expected) == NULL) {
        fprintf(stderr, "another error: %s\n", text);
        abort();
    }
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
}

static void callback_arguments(void) {
    uint64_t reference = 7;
    H2rSummons summons;
    Waiter *early = waiter_new();
    CHECK_EQUAL(h2r_summons(1, early, 0, &summons), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(h2r_summons(1, NULL, 0, &summons), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(h2r_dismiss(NULL), H2R_OK);
    uint64_t epoch = start(usual);
    H2rSlot *slot = request_unit(epoch, H2R_CALL, "ask");
    CHECK_EQUAL(h2r_offer(epoch, NULL, &reference), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_offer(epoch, slot, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_offer(epoch + 1, slot, &reference), H2R_NOT_RUNNING);
    CHECK_EQUAL(h2r_offer(0, slot, &reference), H2R_NOT_RUNNING);
    CHECK_EQUAL(reference, 7);
    CHECK_EQUAL(h2r_summons(epoch, NULL, 0, &summons), H2R_INVALID_ARGUMENT);
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_summons(epoch, waiter, 0, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_summons(epoch + 1, waiter, 0, &summons), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    uint64_t function = 0;
    Waiter *asked = NULL;
    H2rSlot *asking = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &asked);
    H2rInvocation *invocation = summoned(epoch, H2R_RUN).invocation;
    const uint8_t *text = (const uint8_t *)"text";
    CHECK_EQUAL(h2r_answer(NULL, slot), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_answer(invocation, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_throw(NULL, text, 4, text, 4), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_throw(invocation, NULL, 0, text, 4), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_throw(invocation, text, 4, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_throw(invocation, text, SIZE_MAX, text, 4), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_throw(invocation, text, 4, text, (size_t)1 << 63), H2R_INVALID_ARGUMENT);
    /* None of that has ended it. */
    CHECK_EQUAL(waiter_fate(asked), ALIVE);
    give_back_number(epoch, invocation, 5);
    check_number(asked, asking, 5);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(waiter_fate(early), ALIVE);
    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK_EQUAL(stats().callbacks, 0);
}

static void function_returns(void) {
    uint64_t epoch = start(usual), function = 0;
    for (uint64_t number = 0; number < 3; number++) {
        Waiter *waiter = NULL;
        H2rSlot *slot = ask(epoch, number, H2R_NO_TIMEOUT, &function, &waiter);
        H2rSummons summons = summoned(epoch, H2R_RUN);
        CHECK_EQUAL(summons.reference, function);
        CHECK_EQUAL(summons.len, 8);
        CHECK_EQUAL(get_u64(summons.bytes), number);
        CHECK_EQUAL(stats().callbacks, 1);
        CHECK_EQUAL(waiter_fate(waiter), ALIVE);
        give_back_number(epoch, summons.invocation, 2 * number);
        check_number(waiter, slot, 2 * number);
        CHECK_EQUAL(summoned(epoch, H2R_FORGET).reference, function);
    }
    /* One that the engine keeps is known to Haskell until it lets go of it. */
    H2rSlot *slot = request_with_function(epoch, "keep_function", NULL, H2R_NO_TIMEOUT, &function);
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    for (uint64_t number = 0; number < 3; number++) {
        slot = request_numbers(epoch, "call_kept", &number, 1);
        Waiter *waiter = call(epoch, slot);
        H2rSummons summons = summoned(epoch, H2R_RUN);
        CHECK_EQUAL(summons.reference, function);
        give_back_number(epoch, summons.invocation, number);
        check_number(waiter, slot, number);
    }
    Waiter *reader = nothing_summoned(epoch);
    /* It is nobody who waits for a call. */
    CHECK_EQUAL(stats().stable_ptrs, 0);
    slot = request_unit(epoch, H2R_CALL, "let_go_of_kept");
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    waiter_await(reader);
    CHECK_EQUAL(summoned(epoch, H2R_FORGET).reference, function);
    finish(epoch);
}

static void function_throws(void) {
    uint64_t epoch = start(usual), function = 0;
    static const struct {
        const char *exception, *message, *expected;
    } cases[] = {
        {"ErrorCall", "so what", "threw ErrorCall: so what"},
        {"", "", "threw : "},
        {"\xff", "a\xc3(", "threw \xef\xbf\xbd: a\xef\xbf\xbd("},
    };
    for (int at = 0; at < 3; at++) {
        Waiter *waiter = NULL;
        H2rSlot *slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
        H2rInvocation *invocation = summoned(epoch, H2R_RUN).invocation;
        const char *exception = cases[at].exception, *message = cases[at].message;
        CHECK_EQUAL(h2r_throw(invocation, (const uint8_t *)exception, strlen(exception), (const uint8_t *)message,
                              strlen(message)),
                    H2R_OK);
        CHECK_EQUAL(h2r_dismiss(invocation), H2R_OK);
        check_error(waiter, slot, cases[at].expected);
        summoned(epoch, H2R_FORGET);
    }
    finish(epoch);
}

/* It is let go of without a result, or with one that the engine cannot read. */
static void function_gives_no_result(void) {
    uint64_t epoch = start(usual), function = 0;
    Waiter *waiter = NULL;
    H2rSlot *slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
    CHECK_EQUAL(h2r_dismiss(summoned(epoch, H2R_RUN).invocation), H2R_OK);
    check_error(waiter, slot, "has gone");
    summoned(epoch, H2R_FORGET);
    static const uint8_t bytes[9];
    for (size_t len = 0; len <= 9; len += 3) {
        slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
        give_back(epoch, summoned(epoch, H2R_RUN).invocation, bytes, len);
        check_error(waiter, slot, "the result cannot be read");
        summoned(epoch, H2R_FORGET);
    }
    finish(epoch);
}

/* Slots that hold no result of anybody's, and results that come twice. */
static void answers_that_are_none(void) {
    uint64_t epoch = start(usual), function = 0;
    Waiter *waiter = NULL;
    H2rSlot *slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
    H2rInvocation *invocation = summoned(epoch, H2R_RUN).invocation;
    uint64_t number = 8;
    H2rSlot *used = call_numbers(epoch, "increment", &number, 1);
    CHECK_EQUAL(h2r_answer(invocation, used), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_release(used), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), ALIVE);
    H2rSlot *written = request_numbers(epoch, "increment", &number, 1);
    CHECK_EQUAL(h2r_answer(invocation, written), H2R_OK);
    check_number(waiter, slot, 8);
    /* Too late. */
    CHECK_EQUAL(h2r_answer(invocation, written), H2R_OK);
    CHECK_EQUAL(h2r_throw(invocation, (const uint8_t *)"E", 1, (const uint8_t *)"", 0), H2R_OK);
    CHECK_EQUAL(h2r_release(written), H2R_OK);
    CHECK_EQUAL(h2r_dismiss(invocation), H2R_OK);
    summoned(epoch, H2R_FORGET);
    nothing_summoned(epoch);
    finish(epoch);
}

static void function_is_cancelled(void) {
    uint64_t epoch = start(usual), function = 0;
    Waiter *waiter = NULL;
    H2rSlot *slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
    H2rSummons summons = summoned(epoch, H2R_RUN);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(summoned(epoch, H2R_CANCEL).number, summons.number);
    /* What it was called with can be read until it is dismissed. */
    CHECK_EQUAL(get_u64(summons.bytes), 1);
    give_back_number(epoch, summons.invocation, 7);
    CHECK_EQUAL(summoned(epoch, H2R_FORGET).reference, function);
    finish(epoch);
}

static void function_times_out(void) {
    uint64_t epoch = start(usual), function = 0;
    Waiter *waiter = NULL;
    H2rSlot *slot = ask(epoch, 1, 50000, &function, &waiter);
    H2rSummons summons = summoned(epoch, H2R_RUN);
    CHECK_EQUAL(summoned(epoch, H2R_CANCEL).number, summons.number);
    waiter_await(waiter);
    size_t len = 0;
    result(slot, H2R_TIMED_OUT, &len);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_dismiss(summons.invocation), H2R_OK);
    summoned(epoch, H2R_FORGET);
    finish(epoch);
}

/* Objects go to a function, and come back from one. */
static void functions_and_objects(void) {
    uint64_t epoch = start(usual), function = 0;
    H2rSlot *slot = request_with_function(epoch, "show", NULL, H2R_NO_TIMEOUT, &function);
    Waiter *waiter = call(epoch, slot);
    H2rSummons summons = summoned(epoch, H2R_RUN);
    uint64_t thing = get_u64(summons.bytes);
    CHECK_EQUAL(h2r_claim(thing), H2R_OK);
    give_back_number(epoch, summons.invocation, number_of(epoch, thing));
    check_number(waiter, slot, 70);
    CHECK_EQUAL(fixture_dropped(), 0);
    forget(thing);
    CHECK(fixture_await_dropped(1));
    summoned(epoch, H2R_FORGET);
    /* The result holds it for as long as the engine needs, though Haskell lets go. */
    thing = open_thing(epoch, "thing", 80);
    slot = request_with_function(epoch, "fetch", NULL, H2R_NO_TIMEOUT, &function);
    waiter = call(epoch, slot);
    summons = summoned(epoch, H2R_RUN);
    H2rSlot *written = request_numbers(epoch, "", &thing, 1);
    CHECK_EQUAL(h2r_hold(written, thing), H2R_OK);
    forget(thing);
    CHECK_EQUAL(fixture_dropped(), 1);
    CHECK_EQUAL(h2r_answer(summons.invocation, written), H2R_OK);
    CHECK_EQUAL(h2r_release(written), H2R_OK);
    CHECK_EQUAL(h2r_dismiss(summons.invocation), H2R_OK);
    check_number(waiter, slot, 80);
    CHECK(fixture_await_dropped(2));
    CHECK_EQUAL(h2r_claim(thing), H2R_CLOSED);
    finish(epoch);
}

/* Offered in a request that is not sent, that is refused, that cannot be read, or of a method that is not there. */
static void functions_that_nobody_gets(void) {
    uint64_t epoch = start(usual), function = 0, second = 0, number = 1;
    H2rSlot *slot = request_with_function(epoch, "ask", &number, H2R_NO_TIMEOUT, &function);
    CHECK_EQUAL(h2r_offer(epoch, slot, &second), H2R_OK);
    CHECK(second != function);
    CHECK_EQUAL(stats().callbacks, 2);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    uint64_t forgotten[] = {summoned(epoch, H2R_FORGET).reference, summoned(epoch, H2R_FORGET).reference};
    CHECK(forgotten[0] == function ? forgotten[1] == second : forgotten[0] == second && forgotten[1] == function);
    static const char *const names[] = {"nobody", "ask", "increment"};
    for (int at = 0; at < 3; at++) {
        slot = request_with_function(epoch, names[at], NULL, H2R_NO_TIMEOUT, &function);
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_call(epoch, slot, waiter, 0);
        CHECK_EQUAL(status, at == 0 ? H2R_UNKNOWN_METHOD : H2R_OK);
        if (at > 0) {
            waiter_await(waiter);
        }
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        CHECK_EQUAL(summoned(epoch, H2R_FORGET).reference, function);
    }
    /* One that is closed by its number cannot be called. */
    slot = request_with_function(epoch, "ask", &number, H2R_NO_TIMEOUT, &function);
    CHECK_EQUAL(h2r_close(function), H2R_OK);
    CHECK_EQUAL(summoned(epoch, H2R_FORGET).reference, function);
    waiter_await(call(epoch, slot));
    size_t len = 0;
    CHECK(field(result(slot, H2R_CLOSED, &len), "ask") != NULL);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

static void functions_at_shutdown(void) {
    uint64_t epoch = start(usual), function = 0, kept = 0;
    H2rSlot *slot = request_with_function(epoch, "keep_function", NULL, H2R_NO_TIMEOUT, &kept);
    waiter_await(call(epoch, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    Waiter *waiter = NULL;
    slot = ask(epoch, 6, H2R_NO_TIMEOUT, &function, &waiter);
    H2rSummons summons = summoned(epoch, H2R_RUN);
    Waiter *reader = nothing_summoned(epoch);
    uint64_t left_behind = 99;
    CHECK_EQUAL(h2r_deinit(epoch, &left_behind), H2R_OK);
    CHECK_EQUAL(left_behind, 0);
    CHECK_EQUAL(waiter_fate(reader), PUT);
    check_error(waiter, slot, "shutting down");
    Waiter *late = waiter_new();
    CHECK_EQUAL(h2r_summons(epoch, late, 0, &summons), H2R_SHUTTING_DOWN);
    CHECK_EQUAL(waiter_fate(late), FREED);
    /* The function that was running ends when it ends. */
    CHECK_EQUAL(get_u64(summons.bytes), 6);
    CHECK_EQUAL(h2r_throw(summons.invocation, (const uint8_t *)"E", 1, (const uint8_t *)"", 0), H2R_OK);
    CHECK_EQUAL(h2r_dismiss(summons.invocation), H2R_OK);
    CHECK_EQUAL(stats().callbacks, 1);
    /* And one that the engine has kept is of a run that is over. */
    uint64_t next = start(usual), number = 1;
    slot = request_numbers(next, "call_kept", &number, 1);
    check_error(call(next, slot), slot, "shutting down");
    CHECK_EQUAL(h2r_claim(kept), H2R_CLOSED);
    slot = request_unit(next, H2R_CALL, "let_go_of_kept");
    waiter_await(call(next, slot));
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    nothing_summoned(next);
    finish(next);
}

static uint64_t served_epoch, served;

/* Haskell, until the runtime shuts down: gives each number back, and one more. */
static void *serve(void *ignored) {
    (void)ignored;
    for (;;) {
        H2rSummons summons;
        Waiter *waiter = waiter_new();
        H2rStatus status = h2r_summons(served_epoch, waiter, 0, &summons);
        if (status == H2R_WAIT) {
            waiter_await(waiter);
        } else if (status == H2R_OK && summons.kind == H2R_RUN) {
            give_back_number(served_epoch, summons.invocation, get_u64(summons.bytes) + 1);
            served++;
        } else if (status != H2R_OK) {
            CHECK_EQUAL(status, H2R_SHUTTING_DOWN);
            return NULL;
        }
    }
}

static void functions_called_directly(void) {
    served_epoch = start(usual);
    pthread_t server;
    CHECK_EQUAL(pthread_create(&server, NULL, serve, NULL), 0);
    uint64_t function = 0, number = 50;
    H2rSlot *slot = request_with_function(served_epoch, "ask", &number, H2R_NO_TIMEOUT, &function);
    uint8_t message[16];
    put_u64(message, function);
    put_u64(message + 8, number);
    H2rReply reply = {NULL, 0};
    CHECK_EQUAL(h2r_direct(served_epoch, method("ask"), message, 16, sizeof message, &reply), H2R_OK);
    CHECK(reply.slot == NULL && reply.len == 9);
    CHECK_EQUAL(get_u64(message + 1), 51);
    put_u64(message, function);
    put_u64(message + 8, number);
    CHECK_EQUAL(h2r_direct_nonblocking(served_epoch, method("ask"), message, 16, sizeof message, &reply),
                H2R_MAY_BLOCK);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    CHECK_EQUAL(h2r_deinit(served_epoch, NULL), H2R_OK);
    CHECK_EQUAL(pthread_join(server, NULL), 0);
    CHECK_EQUAL(stats().callbacks, 0);
}

static void functions_of_a_forked_process(void) {
    uint64_t epoch = start(usual), function = 0;
    Waiter *waiter = NULL;
    H2rSlot *slot = ask(epoch, 1, H2R_NO_TIMEOUT, &function, &waiter);
    H2rSummons summons = summoned(epoch, H2R_RUN);
    H2rSlot *unsent = request_numbers(epoch, "ask", &function, 1);
    nothing_summoned(epoch);
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(20);
        uint64_t reference = 7;
        H2rSummons none;
        CHECK_EQUAL(h2r_offer(epoch, unsent, &reference), H2R_NOT_RUNNING);
        CHECK_EQUAL(h2r_summons(epoch, waiter_new(), 0, &none), H2R_SHUTTING_DOWN);
        CHECK_EQUAL(h2r_close(function), H2R_CLOSED);
        CHECK_EQUAL(h2r_throw(summons.invocation, (const uint8_t *)"E", 1, (const uint8_t *)"", 0), H2R_OK);
        CHECK_EQUAL(h2r_answer(summons.invocation, unsent), H2R_OK);
        CHECK_EQUAL(h2r_dismiss(summons.invocation), H2R_OK);
        CHECK_EQUAL(h2r_release(unsent), H2R_OK);
        CHECK_EQUAL(h2r_release(slot), H2R_OK);
        _exit(0);
    }
    int status = 1;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(h2r_release(unsent), H2R_OK);
    give_back_number(epoch, summons.invocation, 3);
    check_number(waiter, slot, 3);
    finish(epoch);
}

enum { THREADS = 4, ROUNDS = 300 };

/* Asks, waits for the answer or leaves. */
static void *ask_often(void *number) {
    uint64_t seed = (uint64_t)(uintptr_t)number;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t function = 0, timeout = round % 5 == 0 ? 100 : H2R_NO_TIMEOUT;
        Waiter *waiter = NULL;
        H2rSlot *slot = ask(served_epoch, seed + round, timeout, &function, &waiter);
        if (round % 3 == 0) {
            CHECK_EQUAL(h2r_release(slot), H2R_OK);
        } else if (timeout == H2R_NO_TIMEOUT) {
            check_number(waiter, slot, seed + round + 1);
        } else {
            waiter_await(waiter);
            CHECK_EQUAL(h2r_release(slot), H2R_OK);
        }
    }
    return NULL;
}

static void functions_called_by_many(void) {
    Settings settings = usual;
    settings.queue_capacity = 64;
    settings.workers = 2;
    served_epoch = start(settings);
    pthread_t server, threads[THREADS];
    CHECK_EQUAL(pthread_create(&server, NULL, serve, NULL), 0);
    for (uintptr_t at = 0; at < THREADS; at++) {
        CHECK_EQUAL(pthread_create(&threads[at], NULL, ask_often, (void *)(at * 1000)), 0);
    }
    for (int at = 0; at < THREADS; at++) {
        CHECK_EQUAL(pthread_join(threads[at], NULL), 0);
    }
    finish(served_epoch);
    CHECK_EQUAL(pthread_join(server, NULL), 0);
    CHECK(served > THREADS * ROUNDS / 3);
}

const Scenario callbacks[] = {
    {"callback_arguments", callback_arguments},
    {"function_returns", function_returns},
    {"function_throws", function_throws},
    {"function_gives_no_result", function_gives_no_result},
    {"answers_that_are_none", answers_that_are_none},
    {"function_is_cancelled", function_is_cancelled},
    {"function_times_out", function_times_out},
    {"functions_and_objects", functions_and_objects},
    {"functions_that_nobody_gets", functions_that_nobody_gets},
    {"functions_at_shutdown", functions_at_shutdown},
    {"functions_called_directly", functions_called_directly},
    {"functions_of_a_forked_process", functions_of_a_forked_process},
    {"functions_called_by_many", functions_called_by_many},
    {NULL, NULL},
};

/* What no caller should hand over, and some will. */
#include "fixture.h"

static void null_pointers(void) {
    uint8_t bytes[CONFIG_LEN];
    config(bytes, usual);
    char error[100];
    uint64_t epoch = 0;
    CHECK_EQUAL(h2r_init(NULL, CONFIG_LEN, &fake_rts, &epoch, error, sizeof error), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_init(bytes, CONFIG_LEN, NULL, &epoch, error, sizeof error), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_init(bytes, CONFIG_LEN, &fake_rts, NULL, error, sizeof error), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_init(bytes, CONFIG_LEN, &fake_rts, &epoch, NULL, sizeof error), H2R_INVALID_ARGUMENT);
    for (int missing = 0; missing < 3; missing++) {
        H2rRts rts = fake_rts;
        if (missing == 0) {
            rts.try_putmvar = NULL;
        } else if (missing == 1) {
            rts.free_stable_ptr = NULL;
        } else {
            rts.thread_done = NULL;
        }
        CHECK_EQUAL(h2r_init(bytes, CONFIG_LEN, &rts, &epoch, error, sizeof error), H2R_INVALID_ARGUMENT);
    }
    CHECK_EQUAL(epoch, 0);
    CHECK_EQUAL(h2r_stats(NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_accepted(NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_release(NULL), H2R_OK);

    epoch = start(usual);
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, 1, 8, H2R_NO_TIMEOUT, NULL, &body), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_request(epoch, H2R_CALL, 1, 8, H2R_NO_TIMEOUT, &slot, NULL), H2R_INVALID_ARGUMENT);
    CHECK(slot == NULL && body == NULL);

    /* A waiter that comes with a null slot is Rust's all the same, and freed. */
    Waiter *waiter = waiter_new();
    CHECK_EQUAL(h2r_call(epoch, NULL, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_cast(epoch, NULL, waiter, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_call(epoch, NULL, NULL, 0), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_cast(epoch, NULL, NULL, 0), H2R_INVALID_ARGUMENT);
    waiter = waiter_new();
    CHECK_EQUAL(h2r_notice(epoch, waiter, 0, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(waiter_fate(waiter), FREED);
    CHECK_EQUAL(h2r_notice(epoch, NULL, 0, &slot), H2R_INVALID_ARGUMENT);

    /* A call without a waiter is refused, and can be submitted then. */
    slot = request_unit(epoch, H2R_CALL, "panic");
    CHECK_EQUAL(h2r_call(epoch, slot, NULL, 0), H2R_INVALID_ARGUMENT);
    waiter_await(call(epoch, slot));
    const uint8_t *bytes_of = NULL;
    size_t len = 0;
    CHECK_EQUAL(h2r_result(NULL, &bytes_of, &len), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_result(slot, NULL, &len), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_result(slot, &bytes_of, NULL), H2R_INVALID_ARGUMENT);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);

    CHECK_EQUAL(h2r_deinit(epoch, NULL), H2R_OK);
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(waiters_alive(), 0);
}

static void refuse_config(const uint8_t *bytes, size_t len, H2rStatus expected, const char *part) {
    char error[200] = "";
    uint64_t epoch = 0;
    CHECK_EQUAL(h2r_init(bytes, len, &fake_rts, &epoch, error, sizeof error), expected);
    CHECK_EQUAL(epoch, 0);
    if (strstr(error, part) == NULL) {
        fprintf(stderr, "\"%s\" does not speak of \"%s\"\n", error, part);
        abort();
    }
}

static void wrong_configs(void) {
    static uint8_t bytes[4000];
    config(bytes, usual);
    refuse_config(bytes, 0, H2R_BAD_CONFIG, "not a configuration");
    refuse_config(bytes, 8, H2R_BAD_CONFIG, "not a configuration");
    refuse_config(bytes, 39, H2R_BAD_CONFIG, "not a configuration");
    refuse_config(bytes, 41, H2R_BAD_CONFIG, "not a configuration");
    refuse_config(bytes, sizeof bytes, H2R_BAD_CONFIG, "not a configuration");
    refuse_config(bytes, SIZE_MAX, H2R_INVALID_ARGUMENT, "");
    refuse_config(bytes, (size_t)1 << 63, H2R_INVALID_ARGUMENT, "");
    bytes[7] = '0';
    refuse_config(bytes, CONFIG_LEN, H2R_BAD_CONFIG, "not a configuration");

    static const struct {
        Settings settings;
        const char *field;
    } wrong[] = {
        {{0, 4, 1, 0}, "maxMsgLen"},           {{UINT64_MAX, 4, 1, 0}, "maxMsgLen"},
        {{64, 0, 1, 0}, "queueCapacity"},      {{64, 1 << 21, 1, 0}, "queueCapacity"},
        {{64, 4, 0, 0}, "workers"},            {{64, 4, 1025, 0}, "workers"},
        {{64, 4, INT64_MAX, 0}, "workers"},    {{64, 4, 1, UINT64_MAX}, "shutdownLimit"},
        {{64, 4, 1, INT64_MAX}, "shutdownLimit"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        config(bytes, wrong[i].settings);
        refuse_config(bytes, CONFIG_LEN, H2R_BAD_CONFIG, wrong[i].field);
    }
    /* None of them was half a start. */
    finish(start(usual));
}

static void request_lengths(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    const uint64_t echo = method("echo");
    const size_t lens[] = {4097, 1 << 30, (size_t)INT64_MAX, (size_t)INT64_MAX + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        CHECK_EQUAL(h2r_request(epoch, H2R_CALL, echo, lens[i], H2R_NO_TIMEOUT, &slot, &body), H2R_TOO_LARGE);
    }
    CHECK(slot == NULL && body == NULL);
    CHECK_EQUAL(stats().live_slots, 0);
    CHECK_EQUAL(h2r_release(request_unit(epoch, H2R_CALL, "echo")), H2R_OK);
    static uint8_t largest[4096];
    put_u64(largest, 4088);
    slot = request(epoch, H2R_CALL, "echo", largest, sizeof largest, H2R_NO_TIMEOUT);
    waiter_await(call(epoch, slot));
    size_t len = 0;
    result(slot, H2R_OK, &len);
    CHECK_EQUAL(len, 4096);
    CHECK_EQUAL(h2r_release(slot), H2R_OK);
    finish(epoch);
}

/* Allowed by maxMsgLen, but no machine has it. */
static void no_memory_for_the_request(void) {
    Settings settings = usual;
    settings.max_msg_len = INT64_MAX;
    uint64_t epoch = start(settings);
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    const uint64_t echo = method("echo");
    const size_t lens[] = {(size_t)1 << 60, (size_t)INT64_MAX};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        CHECK_EQUAL(h2r_request(epoch, H2R_CALL, echo, lens[i], H2R_NO_TIMEOUT, &slot, &body), H2R_OUT_OF_MEMORY);
    }
    CHECK(slot == NULL && body == NULL);
    finish(epoch);
}

static void invalid_kinds(void) {
    uint64_t epoch = start(usual);
    H2rSlot *slot = NULL;
    uint8_t *body = NULL;
    const uint32_t kinds[] = {2, 255, 1u << 31, UINT32_MAX};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        CHECK_EQUAL(h2r_request(epoch, kinds[i], 1, 0, H2R_NO_TIMEOUT, &slot, &body), H2R_INVALID_ARGUMENT);
    }
    CHECK(slot == NULL && body == NULL);
    finish(epoch);
}

/* Whatever its length, the error is a C string inside its buffer, cut between characters. */
static void error_buffers(void) {
    const uint8_t canary = 0xa5;
    uint8_t bytes[CONFIG_LEN];
    config(bytes, usual);
    fixture_builder_panics(true);
    for (size_t len = 0; len <= 200; len++) {
        uint8_t buffer[256];
        memset(buffer, canary, sizeof buffer);
        uint64_t epoch = 7;
        CHECK_EQUAL(h2r_init(bytes, sizeof bytes, &fake_rts, &epoch, (char *)buffer + 8, len), H2R_BAD_ENGINE);
        CHECK_EQUAL(epoch, 7);
        for (size_t at = 0; at < sizeof buffer; at++) {
            CHECK((at >= 8 && at < 8 + len) || buffer[at] == canary);
        }
        if (len == 0) {
            continue;
        }
        const uint8_t *end = memchr(buffer + 8, 0, len);
        CHECK(end != NULL);
        /* The two bytes of an umlaut are there, or neither. */
        CHECK(end == buffer + 8 || end[-1] != 0xc3);
        CHECK((size_t)(end - buffer - 8) + 2 >= len || strstr((char *)buffer + 8, "\xc3\xa4\xc3\xa4") != NULL);
        if (len == 1) {
            CHECK(end == buffer + 8);
        }
    }
    fixture_builder_panics(false);
    finish(start(usual));
}

const Scenario arguments[] = {
    {"null_pointers", null_pointers},
    {"wrong_configs", wrong_configs},
    {"request_lengths", request_lengths},
    {"no_memory_for_the_request", no_memory_for_the_request},
    {"invalid_kinds", invalid_kinds},
    {"error_buffers", error_buffers},
    {NULL, NULL},
};

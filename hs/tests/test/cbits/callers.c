/* A library of C that calls what it is given, in each way that libraries do. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The context last. */
typedef void (*Visit)(void *context);
typedef int (*Ask)(void *context);
typedef int (*Count)(int number, void *context);
typedef double (*Real)(double x, void *context);
typedef double (*Real2)(double x, double y, void *context);
typedef int (*Bytes)(const uint8_t *bytes, size_t len, void *context);

void call_visit(Visit visit, void *context) { visit(context); }

int call_ask(Ask ask, void *context) { return ask(context); }

int call_count(Count count, void *context, int number) { return count(number, context); }

double call_real(Real real, void *context, double x) { return real(x, context); }

double call_real2(Real2 real, void *context, double x, double y) { return real(x, y, context); }

int call_bytes(Bytes read, void *context, const uint8_t *bytes, size_t len) { return read(bytes, len, context); }

/* The context first. */
typedef int (*CountFirst)(void *context, int number);
typedef double (*RealFirst)(void *context, double x);
typedef double (*Real2First)(void *context, double x, double y);
typedef int (*BytesFirst)(void *context, const uint8_t *bytes, size_t len);

int call_count_first(CountFirst count, void *context, int number) { return count(context, number); }

double call_real_first(RealFirst real, void *context, double x) { return real(context, x); }

double call_real2_first(Real2First real, void *context, double x, double y) { return real(context, x, y); }

int call_bytes_first(BytesFirst read, void *context, const uint8_t *bytes, size_t len) {
    return read(context, bytes, len);
}

/* On threads of its own. */
typedef struct {
    Count count;
    void *context;
    int calls;
    int64_t sum;
} Share;

static void *call_share(void *share_) {
    Share *share = share_;
    for (int number = 1; number <= share->calls; number++) {
        share->sum += share->count(number, share->context);
    }
    return NULL;
}

/* The sum of the answers to 1, 2 … `calls` on each of up to 64 threads. */
int64_t call_count_on_threads(Count count, void *context, int threads, int calls) {
    enum { MOST = 64 };
    pthread_t started[MOST];
    Share shares[MOST];
    int64_t sum = 0;
    if (threads > MOST) {
        abort();
    }
    for (int i = 0; i < threads; i++) {
        shares[i] = (Share){.count = count, .context = context, .calls = calls};
        if (pthread_create(&started[i], NULL, call_share, &shares[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(started[i], NULL);
        sum += shares[i].sum;
    }
    return sum;
}

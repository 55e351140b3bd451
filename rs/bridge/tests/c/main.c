/* Runs one scenario: the one named by the argument. */
#include "fixture.h"

#include <unistd.h>

int main(int count, char **words) {
    CHECK(count == 2);
    /* However it hangs, it ends. */
    alarm(60);
    const Scenario *tables[] = {arguments, calls,       casts,  lifecycle,  small,  batches,  direct,
                                tails,     trampolines, hammer, references, events, callbacks};
    for (size_t table = 0; table < sizeof tables / sizeof *tables; table++) {
        for (const Scenario *scenario = tables[table]; scenario->name != NULL; scenario++) {
            if (strcmp(words[1], "list") == 0) {
                puts(scenario->name);
            } else if (strcmp(words[1], scenario->name) == 0) {
                scenario->run();
                puts("done");
                return 0;
            }
        }
    }
    return strcmp(words[1], "list") == 0 ? 0 : 2;
}

/* Every kind of bad table is refused with file, line and the legal values. */
#include "energy/energy.h"
#include "tests/energy/support.h"
#include "tests/support/check.h"

#include <string.h>

#define GOOD "mac_cycle,gated,3,8,0.5,pJ,45,0.9,hand\n"

static const struct {
    const char *what, *text;
    const char *line, *says; /* both must be in the message */
} cases[] = {
    {"no header", GOOD, ":1:", "column 1 must be 'event'"},
    {"empty file", "# nothing\n", ":", "legal: event|kind"},
    {"missing column", "event,kind,pa,pb,energy,unit,node_nm,source\n", ":1:", "must be 'voltage_v'"},
    {"short row", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ\n", ":2:", "6 fields; a row has 9"},
    {"negative", TABLE_HEADER "mac_cycle,gated,3,8,-0.5,pJ,45,0.9,hand\n", ":2:", "0 or more"},
    {"NaN", TABLE_HEADER "mac_cycle,gated,3,8,nan,pJ,45,0.9,hand\n", ":2:", "0 or more"},
    {"infinite", TABLE_HEADER "mac_cycle,gated,3,8,inf,pJ,45,0.9,hand\n", ":2:", "0 or more"},
    {"not a number", TABLE_HEADER "mac_cycle,gated,3,8,0.5x,pJ,45,0.9,hand\n", ":2:", "finite"},
    {"unknown event", TABLE_HEADER "# c\nmac,gated,3,8,0.5,pJ,45,0.9,hand\n", ":3:", "skew|pe_load|mac_cycle"},
    {"event without energy", TABLE_HEADER "tile,gated,3,8,0.5,pJ,45,0.9,hand\n", ":2:", "legal:"},
    {"unknown kind", TABLE_HEADER "mac_cycle,fancy,3,8,0.5,pJ,45,0.9,hand\n", ":2:", "*|gated|serial"},
    {"bits of 1", TABLE_HEADER "mac_cycle,gated,1,8,0.5,pJ,45,0.9,hand\n", ":2:", "2..8 or *"},
    {"bits of 17", TABLE_HEADER "mac_cycle,gated,3,17,0.5,pJ,45,0.9,hand\n", ":2:", "2..8 or *"},
    {"bits of float", TABLE_HEADER "mac_cycle,float,8,e4m3,0.5,pJ,45,0.9,hand\n",
     ":2:", "pa: '8' is not legal; legal: *|e5m2"},
    {"a format beyond its fields", TABLE_HEADER "mac_cycle,float,*,tf32,0.5,pJ,45,0.9,hand\n", ":2:", "|fp16|bf16"},
    {"a format of bfp", TABLE_HEADER "mac_cycle,bfp,3,e4m3,0.5,pJ,45,0.9,hand\n", ":2:", "2..8 or *"},
    {"formats twice",
     TABLE_HEADER "mac_cycle,float,e4m3,e5m2,1,pJ,45,0.9,hand\nmac_cycle,float/ws,*,e5m2,1,pJ,45,0.9,hand\n",
     ":3:", "pa e4m3, pb e5m2"},
    {"duplicate", TABLE_HEADER GOOD GOOD, ":3:", "covered by line 2"},
    {"overlapping wildcard", TABLE_HEADER GOOD "mac_cycle,*,*,8,0.5,pJ,45,0.9,hand\n", ":3:", "covered by line 2"},
    {"pJ/bit without width", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ/bit,45,0.9,hand\n", ":2:", "legal: pJ"},
    {"leakage in pJ", TABLE_HEADER "leak_pe,*,*,*,0.5,pJ,45,0.9,hand\n", ":2:", "legal: uW"},
    {"clock in uW", TABLE_HEADER "clock_pe,*,*,*,0.5,uW,45,0.9,hand\n", ":2:", "legal: pJ"},
    {"unknown column", TABLE_COLUMNS ",lo\n", ":1:", "column 10 has no such name"},
    {"column twice", TABLE_COLUMNS ",low,low\n", ":1:", "column 11 comes twice"},
    {"low above", TABLE_COLUMNS ",low\nmac_cycle,gated,3,8,0.5,pJ,45,0.9,hand,0.6\n", ":2:", "0 to the row's energy"},
    {"low NaN", TABLE_COLUMNS ",low\nmac_cycle,gated,3,8,0.5,pJ,45,0.9,hand,nan\n", ":2:", "0 to the row's energy"},
    {"high below", TABLE_COLUMNS ",high\nmac_cycle,gated,3,8,0.5,pJ,45,0.9,hand,0.4\n", ":2:", "energy or more"},
    {"short hash", TABLE_COLUMNS ",rtl_hash\nmac_cycle,gated,3,8,0.5,pJ,45,0.9,hand,abc\n", ":2:", "16 hexadecimal"},
    {"another spec", TABLE_COLUMNS ",spec_hash\nmac_cycle,gated,3,8,0.5,pJ,45,0.9,hand,0123456789abcdef\n",
     ":2:", "this build has spec"},
    {"area in pJ", TABLE_HEADER "area_pe,gated,*,*,0.5,pJ,45,0.9,hand\n", ":2:", "legal: um2"},
    {"area of nothing", TABLE_HEADER "area_pe,gated,*,*,0,um2,45,0.9,hand\n", ":2:", "above 0"},
    {"area of a mode", TABLE_HEADER "area_pe,gated,8,*,1,um2,45,0.9,hand\n", ":2:", "pa: '8' is not legal; legal: *"},
    {"energy in um2", TABLE_HEADER "mac_cycle,gated,3,8,0.5,um2,45,0.9,hand\n", ":2:", "legal: pJ"},
    {"period of nothing", TABLE_HEADER "period_pe,gated,*,*,0,ns,45,0.9,hand\n", ":2:", "above 0"},
    {"period in pJ", TABLE_HEADER "period_pe,gated,*,*,1,pJ,45,0.9,hand\n", ":2:", "legal: ns"},
    {"period of a mode", TABLE_HEADER "period_pe,gated,*,3,1,ns,45,0.9,hand\n",
     ":2:", "pb: '3' is not legal; legal: *"},
    {"scratchpad of a kind", TABLE_HEADER "sram_read,gated,*,*,1,pJ/bit,45,0.9,hand\n", ":2:", "*, a scratchpad's row"},
    {"scratchpad of a mode", TABLE_HEADER "leak_sram,*,3,*,1,uW,45,0.9,hand\n",
     ":2:", "pa: '3' is not legal; legal: *"},
    {"capacity of nothing", TABLE_COLUMNS ",kb\nsram_read,*,*,*,1,pJ/bit,45,0.9,hand,0\n", ":2:", "KB above 0, or *"},
    {"capacity NaN", TABLE_COLUMNS ",kb\nsram_read,*,*,*,1,pJ/bit,45,0.9,hand,nan\n", ":2:", "KB above 0, or *"},
    {"capacity of a PE", TABLE_COLUMNS ",kb\nleak_pe,*,*,*,1,uW,45,0.9,hand,8\n", ":2:", "the row is of no scratchpad"},
    {"capacity twice", TABLE_COLUMNS ",kb\nleak_sram,*,*,*,1,uW,45,0.9,hand,8\nleak_sram,*,*,*,2,uW,45,0.9,hand,8\n",
     ":3:", "covered by line 2"},
    {"any capacity and one",
     TABLE_COLUMNS ",kb\nleak_sram,*,*,*,1,uW,45,0.9,hand,8\nleak_sram,*,*,*,2,uW,45,0.9,hand,*\n",
     ":3:", "covered by line 2"},
    {"unknown dataflow", TABLE_HEADER "leak_pe,gated/is,*,*,1,uW,45,0.9,hand\n", ":2:", "with /os or /ws"},
    {"both and one dataflow",
     TABLE_HEADER "leak_pe,gated,*,*,1,uW,45,0.9,hand\nleak_pe,gated/ws,*,*,1,uW,45,0.9,hand\n",
     ":3:", "covered by line 2"},
    {"no node", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ,,0.9,hand\n", ":2:", "nanometres"},
    {"no voltage", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ,45,,hand\n", ":2:", "unstated"},
    {"no source", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ,45,0.9,\n", ":2:", "source"},
    {"open quote", TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ,45,0.9,\"hand\n", ":2:", "quoted"},
};

int main(void)
{
    pcs_energy_table_t *table = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        pcs_error_t err = {{0}};
        write_table(cases[i].text, path);
        const pcs_status_t status = pcs_energy_table_load(path, &table, &err);
        (void)remove(path);
        char where[96];
        (void)snprintf(where, sizeof where, "%s%s", path, cases[i].line);
        CHECK(status == PCS_FORMAT, "%s: status %s", cases[i].what, pcs_status_name(status));
        CHECK(strncmp(err.text, where, strlen(where)) == 0, "%s: '%s' does not begin with %s", cases[i].what, err.text,
              where);
        CHECK(strstr(err.text, cases[i].says) != NULL, "%s: '%s' does not say '%s'", cases[i].what, err.text,
              cases[i].says);
        CHECK(strchr(err.text, '\n') == NULL, "%s: one line", cases[i].what);
    }
    pcs_error_t err = {{0}};
    CHECK(pcs_energy_table_load("no/such/table.csv", &table, &err) == PCS_IO, "%s", err.text);
    CHECK(table == NULL, "untouched on failure");
    return check_done("bad energy tables");
}

/* Reads stdin: exactly one JSON object and nothing else.  Prints the value of each field named on the command line,
   nested by dots, elements of arrays by
   number; exit status 1 when it is not one object or a field is missing. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cJSON *find(const cJSON *object, char *name)
{
    for (char *part = name; part != NULL && object != NULL;) {
        char *dot = strchr(part, '.');
        if (dot != NULL) {
            *dot++ = '\0';
        }
        object = cJSON_IsArray(object) ? cJSON_GetArrayItem(object, (int)strtol(part, NULL, 10))
                                       : cJSON_GetObjectItemCaseSensitive(object, part);
        part = dot;
    }
    return object;
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    const size_t size = fread(text, 1, sizeof text - 1, stdin);
    text[size] = '\0';
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithOpts(text, &end, 0);
    if (!cJSON_IsObject(object) || end[strspn(end, " \n")] != '\0') {
        (void)fprintf(stderr, "not one JSON object\n");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        const cJSON *field = find(object, argv[i]);
        if (cJSON_IsString(field)) {
            (void)printf("%s\n", field->valuestring);
        } else if (cJSON_IsNumber(field)) {
            (void)printf("%.15g\n", field->valuedouble);
        } else {
            (void)fprintf(stderr, "no field %d\n", i);
            return 1;
        }
    }
    cJSON_Delete(object);
    return 0;
}

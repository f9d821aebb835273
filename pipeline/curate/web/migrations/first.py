"""First: the access log, what people may do, and log-ins that failed."""

from django.db import migrations, models

from pipeline.curate.web.models import MAX_ADDRESS, MAX_NAME, MAX_SUBJECT

ID: "models.BigAutoField[int, int]" = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)


class Migration(migrations.Migration):
    """Makes both tables."""

    initial = True
    operations = (
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", ID),
                ("at", models.DateTimeField(db_index=True)),
                ("who", models.CharField(max_length=MAX_NAME)),
                ("what", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=MAX_SUBJECT)),
            ],
            options={
                "ordering": ("-at", "-id"),
                "default_permissions": (),
                "permissions": (
                    ("look", "Read candidates, codes and redacted words"),
                    ("hear", "Play recordings"),
                    ("export", "Take words and figures out as a file"),
                    ("curate", "Change the taxonomy"),
                    ("audit", "Code calls without the machine's answer"),
                    ("administer", "Read the access log"),
                ),
            },
        ),
        migrations.CreateModel(
            name="FailedLogIn",
            fields=[
                ("id", ID),
                ("at", models.DateTimeField(db_index=True)),
                ("account", models.CharField(max_length=MAX_NAME)),
                ("address", models.CharField(max_length=MAX_ADDRESS)),
            ],
            options={"default_permissions": ()},
        ),
    )

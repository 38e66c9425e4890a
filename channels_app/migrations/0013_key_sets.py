import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A site's own list of keys; a `kid` is the site's word, so it is unique within one widget only."""

    dependencies = [("channels_app", "0012_visit_joined")]

    operations = [
        migrations.CreateModel(
            name="KeySet",
            fields=[
                (
                    "channel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="key_set",
                        serialize=False,
                        to="channels_app.channel",
                    ),
                ),
                ("url", models.CharField(max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="widgetkey",
            name="source",
            field=models.CharField(
                choices=[("hand", "made here"), ("jwks", "the site's list")],
                default="hand",
                editable=False,
                max_length=4,
            ),
        ),
        migrations.AlterField(model_name="widgetkey", name="kid", field=models.CharField(max_length=64)),
        migrations.AddConstraint(
            model_name="widgetkey",
            constraint=models.UniqueConstraint(fields=("channel", "kid"), name="widget_key_once"),
        ),
    ]

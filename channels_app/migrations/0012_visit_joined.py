import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0011_reveal_permission'),
    ]

    operations = [
        migrations.AddField(
            model_name='visit',
            name='joined',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None),
        ),
    ]

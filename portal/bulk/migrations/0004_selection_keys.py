from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("bulk", "0003_approval"),
    ]

    operations = [
        migrations.RenameField(model_name="selection", old_name="users", new_name="keys"),
    ]
